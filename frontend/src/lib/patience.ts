/** How long to wait before a stream that broke is asked for again. */
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 16_000;

/** 0.5, 1, 2, 4 … s, each ±20 % so that a restarted server does not meet all its clients at once. */
export function backoff(failures: number, random: () => number): number {
  const base = Math.min(FIRST_WAIT_MS * 2 ** (failures - 1), LONGEST_WAIT_MS);
  return base * (0.8 + 0.4 * random());
}

/** Wait, but not past the moment the browser says that the network is back, nor past an abort. */
export function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const finish = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", finish);
      removeEventListener("online", finish);
      resolve();
    };
    const timer = setTimeout(finish, milliseconds);
    signal.addEventListener("abort", finish);
    addEventListener("online", finish);
  });
}
