import { describe, expect, it } from "vitest";

import { pressure } from "./pressure";
import { featuresBySize, lastDays, niceCeiling } from "./series";

describe("lastDays", () => {
  it("puts zeros where nothing happened, and ends today", () => {
    const known = { date: "2026-02-28", total: 5, features: { aichat: 5 } };
    const days = lastDays([known], 3, new Date("2026-03-01T00:30:00Z"));
    expect(days).toEqual([{ date: "2026-02-27", total: 0, features: {} }, known, { date: "2026-03-01", total: 0, features: {} }]);
  });
});

describe("featuresBySize", () => {
  it("puts the largest first over all days", () => {
    const day = (features: Record<string, number>) => ({ date: "", total: 0, features });
    expect(featuresBySize([day({ a: 3, b: 2 }), day({ b: 2 })])).toEqual(["b", "a"]);
  });
});

describe("niceCeiling", () => {
  it.each([
    [0, 1],
    [1, 1],
    [3, 5],
    [45_000, 50_000],
    [51_000, 100_000],
    [100_000, 100_000],
  ])("rounds %s up to %s", (value, top) => expect(niceCeiling(value)).toBe(top));
});

describe("pressure", () => {
  it.each([
    [79, "calm"],
    [80, "near"],
    [99, "near"],
    [100, "full"],
    [101, "full"],
  ])("of %s out of 100 is %s", (tokens_used, expected) => {
    expect(pressure({ tokens_used, tokens_limit: 100, is_unlimited: false })).toBe(expected);
  });

  it("is none without a limit", () => {
    expect(pressure({ tokens_used: 1e9, tokens_limit: -1, is_unlimited: true })).toBe("calm");
  });
});
