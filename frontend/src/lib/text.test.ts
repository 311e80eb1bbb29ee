import { expect, it } from "vitest";

import { outgoingText, toJson, wellFormed, withoutBlankLines } from "./text";

it.each([
  ["broken \ud83d half", "broken \uFFFD half"],
  ["\udffa", "\uFFFD"],
  ["\ud83d\ud83c\udffa", "\uFFFD🏺"],
  ["whole 🏺 and é", "whole 🏺 and é"],
])("mends halves of characters: %j", (text, mended) => {
  expect(wellFormed(text)).toBe(mended);
});

it("mends every text of what is sent, however deep", () => {
  expect(toJson({ a: ["\ud83d"], b: { c: "🏺\udffa" }, n: 1, z: null })).toBe(
    '{"a":["\uFFFD"],"b":{"c":"🏺\uFFFD"},"n":1,"z":null}',
  );
});

it.each([
  ["    def mend(self):\n        return gold", "    def mend(self):\n        return gold"],
  ["\n  \n\t\n  tea  \n \n", "  tea  "],
  ["tea", "tea"],
  ["\n\tone\n\n  two\n", "\tone\n\n  two"],
  [" \n ", ""],
])("cuts empty lines and no blanks of a line: %j", (text, cut) => {
  expect(withoutBlankLines(text)).toBe(cut);
});

it("does not take long over many blanks", () => {
  const begun = performance.now();
  expect(outgoingText(`a${"\n ".repeat(20_000)}b`)).toHaveLength(40_002);
  expect(outgoingText(`a${" ".repeat(40_000)}b`)).toHaveLength(40_002);
  expect(performance.now() - begun).toBeLessThan(500);
});
