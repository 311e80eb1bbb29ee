import { describe, expect, it } from "vitest";

import { clock, secondsUntil } from "./countdown";

describe("clock", () => {
  it.each([
    [0, "0:00"],
    [9, "0:09"],
    [900, "15:00"],
    [3600, "1:00:00"],
    [7989, "2:13:09"],
  ])("shows %s seconds as %s", (seconds, expected) => {
    expect(clock(seconds)).toBe(expected);
  });
});

describe("secondsUntil", () => {
  it("counts a second that has begun", () => {
    expect(secondsUntil(10_001, 9000)).toBe(2);
  });

  it("ends at zero", () => {
    expect(secondsUntil(1000, 9000)).toBe(0);
  });
});
