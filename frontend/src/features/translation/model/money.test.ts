import { describe, expect, it } from "vitest";

import { costOf, price, tokensOf, unitsOf } from "./money";

describe("what a text costs", () => {
  it.each([
    [0, 0],
    [1, 1],
    [1_800, 1],
    [1_801, 2],
    [5_400, 3],
  ])("counts %i characters as %i units", (characters, units) => expect(unitsOf(characters)).toBe(units));

  it("multiplies decimals without leaving any", () => {
    expect(costOf(3, "0.05")).toBe(0.15);
    expect(costOf(7, "0.1")).toBe(0.7);
    expect(costOf(1, "0.0125")).toBe(0.0125);
  });

  it("says amounts in the reader's way, small ones too", () => {
    expect(price("0.05", "USD")).toContain("0.05");
    expect(price("0.0125", "USD")).toContain("0.0125");
    expect(price("0.0000", "USD")).toContain("0.00");
  });

  it("takes Cyrillic for heavier than Latin", () => {
    expect(tokensOf("abcd".repeat(10), 40)).toBe(10);
    expect(tokensOf("слово".repeat(8), 40)).toBeGreaterThan(12);
  });
});
