import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { setLanguage } from "@/lib/i18n";

import { languageRow } from "../testing/shapes";
import { byName, DETECT, languageName, nearest, recent, remember } from "./languages";

describe("languages", () => {
  beforeEach(() => setLanguage("en"));
  afterEach(() => setLanguage("en"));

  it("are called by their names in the reader's language", () => {
    expect(languageName("uk")).toBe("Ukrainian");
    expect(languageName("x_1?", "Klingon")).toBe("Klingon");
    setLanguage("uk");
    expect(languageName("uk")).toBe("Українська");
  });

  it("stand in the order of these names", () => {
    const codes = (): string[] => byName([languageRow("uk"), languageRow("de"), languageRow("en")]).map(({ code }) => code);
    expect(codes()).toEqual(["en", "de", "uk"]);
    setLanguage("uk");
    expect(codes()).toEqual(["en", "de", "uk"]);
  });

  it("are found by the variety that is there", () => {
    const among = [languageRow("en-GB"), languageRow("en-US"), languageRow("uk")];
    expect(nearest("en-us", among)).toBe("en-US");
    expect(nearest("en", among)).toBe("en-GB");
    expect(nearest("fr", among)).toBeNull();
  });

  it("that were used last stand first, each once, and detecting is none", () => {
    for (const code of ["uk", "de", "fr", "pl", "uk", DETECT]) remember(code);
    expect(recent.value).toEqual(["uk", "pl", "fr", "de"]);
    expect(localStorage.getItem("kintsugi.translation.recent")).toBe("uk pl fr de");
  });
});
