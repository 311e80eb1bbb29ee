import type { Usage } from "./shapes";

export interface Day {
  /** `YYYY-MM-DD`, UTC. */
  date: string;
  total: number;
  features: Record<string, number>;
}

const DAY_MS = 86_400_000;

/** The last `count` days up to `today`, with the ones on which nothing happened as zeros. */
export function lastDays(byDay: Usage["by_day"], count: number, today: Date): Day[] {
  const known = new Map(byDay.map((day) => [day.date, day]));
  return Array.from({ length: count }, (_, index) => {
    const date = new Date(today.getTime() - (count - 1 - index) * DAY_MS).toISOString().slice(0, 10);
    return known.get(date) ?? { date, total: 0, features: {} };
  });
}

/** Feature names by tokens, the largest first, so that colours stay the same over the whole chart. */
export function featuresBySize(days: readonly Day[]): string[] {
  const sums = new Map<string, number>();
  for (const [feature, tokens] of days.flatMap((day) => Object.entries(day.features))) {
    sums.set(feature, (sums.get(feature) ?? 0) + tokens);
  }
  return [...sums].sort(([, a], [, b]) => b - a).map(([feature]) => feature);
}

/** The next 1, 2 or 5 times a power of ten, so that the axis ends on a number one can read. */
export function niceCeiling(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 5, 10].find((factor) => factor * power >= value) ?? 10;
  return step * power;
}
