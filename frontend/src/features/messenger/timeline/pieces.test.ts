import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { hrefOf } from "@/lib/addresses";

import { isBigEmoji, paint, type Piece } from "./pieces";

type Leaf = Extract<Piece, { text: string }>;

/** The pieces of a message without listings, whatever marks are about them. */
function richText(text: string, usernames?: ReadonlySet<string>): Leaf[] {
  const leaves = (piece: Piece): Leaf[] => ("children" in piece ? piece.children.flatMap(leaves) : [piece]);
  return paint(text, usernames).flatMap((block) => (block.kind === "paragraph" ? block.children.flatMap(leaves) : []));
}

/** The server's reader is tested by the same cases. */
const grammar = JSON.parse(readFileSync("../messenger/tests/grammar.json", "utf8")) as Record<
  "addresses" | "mentions",
  [text: string, found: string[]][]
>;

const members = new Set(["alice", "bob", "bob-k"]);

function short(text: string): string[] {
  return richText(text, members).map((piece) => `${piece.kind}:${piece.text}`);
}

describe("richText", () => {
  it("finds addresses and leaves the sentence around them", () => {
    expect(short("See https://a.example/x?y=1, or (http://b.example/z).")).toEqual([
      "text:See ",
      "link:https://a.example/x?y=1",
      "text:, or (",
      "link:http://b.example/z",
      "text:).",
    ]);
  });

  it("keeps a bracket that belongs to the address", () => {
    expect(short("https://w.example/Kintsugi_(art)")).toEqual(["link:https://w.example/Kintsugi_(art)"]);
  });

  it("leads www addresses to https", () => {
    expect(richText("www.example.org")).toEqual([
      { kind: "link", text: "www.example.org", href: "https://www.example.org/" },
    ]);
  });

  it("makes no link of a script", () => {
    expect(short("javascript:alert(1) data:text/html,x")).toEqual(["text:javascript:alert(1) data:text/html,x"]);
  });

  it("marks members only, and not within other words", () => {
    expect(short("@alice, ask @Bob-K. or @nobody at a@alice")).toEqual([
      "mention:@alice",
      "text:, ask ",
      "mention:@Bob-K",
      "text:. or @nobody at a@alice",
    ]);
  });

  it("leaves code as it is written", () => {
    expect(short("run `curl https://x.example @alice` now")).toEqual([
      "text:run ",
      "code:curl https://x.example @alice",
      "text: now",
    ]);
  });

  it.each(grammar.addresses)("finds the addresses the server finds: %s", (text, found) => {
    const links = richText(text).flatMap((piece) => (piece.kind === "link" ? [hrefOf(piece.text)] : []));
    expect(links).toEqual(found);
    expect(richText(text.replaceAll("`", "")).map((piece) => piece.text).join("")).toBe(text.replaceAll("`", "").replaceAll("**", ""));
  });

  it.each(grammar.mentions)("finds the names the server finds: %s", (text, found) => {
    const named = richText(text, members).flatMap((piece) => (piece.kind === "mention" ? [piece.username] : []));
    expect([...new Set(named.map((name) => name.toLowerCase()))]).toEqual(found);
  });

  it("loses no letter of plain words", () => {
    expect(short("a < b && c > d\n<b>not bold</b>")).toEqual(["text:a < b && c > d\n<b>not bold</b>"]);
  });
});

describe("isBigEmoji", () => {
  it.each([
    ["🔥", true],
    ["👨‍👩‍👧 🇺🇦", true],
    ["🔥🔥🔥🔥", false],
    ["ok 🔥", false],
    ["12", false],
    ["", false],
  ])("%s: %s", (text, expected) => {
    expect(isBigEmoji(text)).toBe(expected);
  });
});
