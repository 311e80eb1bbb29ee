import { beforeEach, describe, expect, it } from "vitest";

import { setLanguage } from "@/lib/i18n";

import { initials, toneOf } from "@/ui/avatar";
import { dayName, duration, fileSize, lastSeenText, shortMoment } from "./format";

const now = new Date("2026-03-12T12:00:00");

beforeEach(() => setLanguage("en"));

describe("dayName", () => {
  it.each([
    ["2026-03-12T00:00:01", "Today"],
    ["2026-03-11T23:59:59", "Yesterday"],
    ["2026-03-09T08:00:00", "Monday"],
    ["2026-01-31T08:00:00", "January 31"],
    ["2025-12-31T08:00:00", "December 31, 2025"],
  ])("%s is %s", (moment, expected) => {
    expect(dayName(moment, now)).toBe(expected);
  });
});

describe("shortMoment", () => {
  it("is as short as it can be without doubt", () => {
    expect(shortMoment("2026-03-10T08:00:00", now)).toBe("Tue");
    expect(shortMoment("2026-01-10T08:00:00", now)).toBe("01/10/26");
  });
});

describe("lastSeenText", () => {
  it("grows vaguer with time", () => {
    expect(lastSeenText("2026-03-12T11:59:40", now)).toBe("last seen just now");
    expect(lastSeenText("2026-03-12T11:58:00", now)).toBe("last seen 2 minutes ago");
    expect(lastSeenText("2026-03-12T08:00:00", now)).toMatch(/^last seen today at 8:00/);
    expect(lastSeenText("2026-03-11T08:00:00", now)).toMatch(/^last seen yesterday at 8:00/);
  });
});

describe("fileSize", () => {
  it.each([
    [0, "0 B"],
    [999, "999 B"],
    [1500, "1.5 kB"],
    [240_000, "240 kB"],
    [2_430_000, "2.4 MB"],
    [3_000_000_000, "3 GB"],
  ])("%i bytes are %s", (bytes, expected) => {
    expect(fileSize(bytes)).toBe(expected);
  });
});

describe("duration", () => {
  it.each([
    [7.4, "0:07"],
    [754, "12:34"],
    [3723, "1:02:03"],
  ])("%d s are %s", (seconds, expected) => {
    expect(duration(seconds)).toBe(expected);
  });
});

describe("initials", () => {
  it.each([
    ["Дана Коваль", "ДК"],
    ["alice", "AL"],
    ["x_y-z", "XY"],
    ["", "?"],
  ])("of %s are %s", (name, expected) => {
    expect(initials(name)).toBe(expected);
  });

  it("come with one colour for one name", () => {
    expect(toneOf("alice")).toBe(toneOf("alice"));
  });
});
