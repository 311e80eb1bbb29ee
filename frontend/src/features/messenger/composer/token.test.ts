import { describe, expect, it } from "vitest";

import { tokenAt, wholeNameAt } from "./token";

function at(marked: string) {
  return [marked.replace("|", ""), marked.indexOf("|")] as const;
}

describe("what is being written", () => {
  it.each([
    ["@|", "person", "", 0],
    ["Hello @ca|", "person", "ca", 6],
    ["(@Кат|", "person", "Кат", 1],
    ["@bob and @ca| too", "person", "ca", 9],
    ["So :smi|", "emoji", "smi", 3],
    [":серц|", "emoji", "серц", 0],
    ["🎉:ta|", "emoji", "ta", 2],
  ])("%s", (marked, kind, query, start) => {
    expect(tokenAt(...at(marked))).toEqual({ kind, query, start });
  });

  it.each(["a@b|", "me@example.com|", "@bob |", ":|", ":)|", ":a|", "10:30|", "at 10:am|", "http://|", "::ab|"])(
    "%s is nothing",
    (marked) => expect(tokenAt(...at(marked))).toBeNull(),
  );

  it("knows a whole short name", () => {
    expect(wholeNameAt(...at("Yes :+1:|"))).toEqual({ name: "+1", start: 4 });
    expect(wholeNameAt(...at("a:tada:|"))).toBeNull();
  });
});
