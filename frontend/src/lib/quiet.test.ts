import { describe, expect, it } from "vitest";

import { isQuiet } from "./quiet";

const night = { quiet_from: "22:30", quiet_until: "07:00" };
const noon = { quiet_from: "12:00", quiet_until: "13:00" };
const at = (clock: string) => new Date(`2026-01-15T${clock}:00Z`);

describe("quiet hours", () => {
  it.each([
    ["22:29", false],
    ["22:30", true],
    ["00:00", true],
    ["06:59", true],
    ["07:00", false],
  ])("over midnight: at %s %s", (clock, quiet) => expect(isQuiet(night, "UTC", at(clock))).toBe(quiet));

  it.each([
    ["11:59", false],
    ["12:00", true],
    ["13:00", false],
  ])("within a day: at %s %s", (clock, quiet) => expect(isQuiet(noon, "UTC", at(clock))).toBe(quiet));

  it("go by the clock of the person, not of the machine", () => {
    expect(isQuiet(night, "Europe/Kyiv", at("20:29"))).toBe(false);
    expect(isQuiet(night, "Europe/Kyiv", at("20:30"))).toBe(true);
  });

  it("are never when nobody asked for them", () => {
    expect(isQuiet({ quiet_from: null, quiet_until: null }, "UTC", at("03:00"))).toBe(false);
  });

  it("go by UTC in a zone that is not told or not known", () => {
    for (const zone of ["", "Mars/Olympus"]) expect(isQuiet(night, zone, at("23:00"))).toBe(true);
  });
});
