import { describe, expect, it } from "vitest";

import { languageRow, service } from "../testing/shapes";
import { chosenPair, chosenService, otherTarget, swapped, withSource, withTarget } from "./choice";
import { DETECT } from "./languages";

const OFFERED = {
  service: "deepl",
  pairs: null,
  results: [languageRow("en", { target: false }), languageRow("en-GB", { source: false }), languageRow("uk"), languageRow("de")],
};

describe("what is chosen", () => {
  it("is the service that was asked for, unless it cannot be had", () => {
    const all = [service({ id: "deepl", is_on: false }), service({ id: "demo" }), service({ id: "llm" })];
    expect(chosenService(all, "llm")?.id).toBe("llm");
    expect(chosenService(all, "deepl")?.id).toBe("demo");
    expect(chosenService(all, "")?.id).toBe("demo");
    expect(chosenService([], "")).toBeNull();
  });

  it("is a pair that the service has", () => {
    expect(chosenPair({ source: DETECT, target: "" }, OFFERED, ["fr", "uk"])).toEqual({ source: DETECT, target: "uk" });
    expect(chosenPair({ source: "en-US", target: "de" }, OFFERED, [])).toEqual({ source: "en", target: "de" });
    expect(chosenPair({ source: "fr", target: "fr" }, OFFERED, [])).toEqual({ source: DETECT, target: "en-GB" });
    expect(chosenPair({ source: "uk", target: "" }, OFFERED, ["uk", "de"])).toEqual({ source: "uk", target: "de" });
  });

  it("keeps to the pairs of a server that has only some", () => {
    const some = { ...OFFERED, pairs: { en: ["uk"] } };
    expect(chosenPair({ source: "en", target: "de" }, some, [])).toEqual({ source: "en", target: "uk" });
    expect(swapped({ source: "en", target: "uk" }, "", some)).toBeNull();
  });

  it("is never a language into itself: what was chosen first gives way", () => {
    expect(withSource({ source: DETECT, target: "uk" }, "uk", OFFERED, ["uk", "de"])).toEqual({ source: "uk", target: "de" });
    expect(withSource({ source: "de", target: "uk" }, "uk", OFFERED, [])).toEqual({ source: "uk", target: "de" });
    expect(withSource({ source: "de", target: "uk" }, "en", OFFERED, [])).toEqual({ source: "en", target: "uk" });
    expect(withTarget({ source: "uk", target: "de" }, "uk", OFFERED)).toEqual({ source: "de", target: "uk" });
    expect(withTarget({ source: DETECT, target: "de" }, "uk", OFFERED)).toEqual({ source: DETECT, target: "uk" });
    expect(otherTarget("en-GB", OFFERED, ["en", "uk"])).toBe("uk");
    expect(otherTarget("uk", { ...OFFERED, results: [languageRow("uk")] }, ["uk"])).toBeNull();
  });

  it("can be turned round once both languages are known", () => {
    expect(swapped({ source: DETECT, target: "uk" }, "", OFFERED)).toBeNull();
    expect(swapped({ source: DETECT, target: "uk" }, "en", OFFERED)).toEqual({ source: "uk", target: "en-GB" });
    expect(swapped({ source: "uk", target: "en-GB" }, "", OFFERED)).toEqual({ source: "en", target: "uk" });
  });
});
