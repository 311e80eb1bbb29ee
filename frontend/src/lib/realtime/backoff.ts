const FIRST_MS = 1_000;
const LONGEST_MS = 30_000;
const SPREAD = 0.5;

/** Milliseconds before try number `attempt` (from 0): 1, 2, 4 … 30 s, half less or more, so that a crowd spreads out. */
export function backoff(attempt: number, random: () => number = Math.random): number {
  const base = Math.min(FIRST_MS * 2 ** attempt, LONGEST_MS);
  return base * (1 - SPREAD + 2 * SPREAD * random());
}
