import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { hasMarks, plainText, readMessage, type Block, type Inline } from "./small";

/** The pieces of a text in one line each, as they are drawn. */
function drawn(text: string): string[] {
  return readMessage(text).map(blockLine);
}

function blockLine(block: Block): string {
  switch (block.kind) {
    case "paragraph":
      return block.children.map(piece).join("");
    case "code":
      return `code(${block.language}): ${block.text}`;
    case "quote":
      return `> ${block.children.map(blockLine).join(" / ")}`;
    case "list":
      return block.items.map((item, at) => `${block.start === null ? "-" : block.start + at} ${item.map(blockLine).join(" / ")}`).join(" | ");
  }
}

function piece(one: Inline): string {
  if (one.kind === "text") return one.text;
  if (one.kind === "link") return `<a ${one.href}>${one.children.map(piece).join("")}</a>`;
  return `<${one.kind}>${"children" in one ? one.children.map(piece).join("") : one.text}</${one.kind}>`;
}

describe("messages", () => {
  it.each([
    ["**bold** and *it* and _it_ and ~~gone~~", ["<strong>bold</strong> and <em>it</em> and <em>it</em> and <del>gone</del>"]],
    ["***both***", ["<em><strong>both</strong></em>"]],
    ["これは**重要**です", ["これは<strong>重要</strong>です"]],
    ["run `npm *x*` now", ["run <code>npm *x*</code> now"]],
    ["```py\na = **b**\n\nc\n```", ["code(py): a = **b**\n\nc"]],
    ["look:\n```\nx\n```\nthere", ["look:", "code(): x", "there"]],
    ["- one\n- **two**", ["- one | - <strong>two</strong>"]],
    ["3. three\n4. four", ["3 three | 4 four"]],
    ["> said\n> more\n\nmine", ["> said\nmore", "mine"]],
    ["see [the bowl](https://a.example/b)", ["see <a https://a.example/b>the bowl</a>"]],
  ])("%j", (text, expected) => expect(drawn(text)).toEqual(expected));

  it.each([
    "# no heading",
    "title\n===",
    "title\n---",
    "---",
    "| a | b |\n|---|---|\n| 1 | 2 |",
    "![picture](https://a.example/p.png)".replace("https://a.example/p.png", "p.png"),
    "<b>bold</b> <script>alert(1)</script> &amp;",
    "[a]: https",
    "    four blanks",
    "¯\\_(ツ)_/¯",
    "\\*stars\\*".replace(/\*/g, "+"),
    "2*3*4 = 24",
    "snake_case_name and other_snake_name",
    "5~7 cups, ~/bin",
    "1) one\n2) two",
    "-5 degrees\n+380 44",
    "a\n\n\n\nb _",
    "one *\n\n  two\n   three",
    "[click](javascript:alert(1))",
    "[bank.example](https://evil.example)",
    "[https://bank.example](https://evil.example/)",
    "** not bold **",
    "$5 and $6, \\(a\\)",
  ])("leaves %j as it was typed", (text) => {
    const words = (blocks: readonly Block[]) => blocks.map(blockLine).join("\n").replace(/<\/?(?:address)>/g, "");
    expect(words(readMessage(text))).toBe(text);
  });

  it("loses no line between paragraphs", () => {
    expect(drawn("**a**\n\n\nb\nc")).toEqual(["<strong>a</strong>\n\n\nb\nc"]);
  });

  it.each(["constructor", "*".repeat(3000), "> ".repeat(2000), "- ".repeat(2000), "[".repeat(3000), "**a".repeat(1500), "_*".repeat(2000)])(
    "reads %.20s… in no time",
    (text) => {
      const begun = performance.now();
      readMessage(text);
      expect(performance.now() - begun).toBeLessThan(1500);
    },
  );
});

describe("addresses and names", () => {
  it("are not torn by marks within them", () => {
    expect(drawn("*see https://a.example/x*y/_z_ and* @bob_k_")).toEqual([
      "<em>see <address>https://a.example/x*y/_z</address>_ and</em> <name>@bob_k_</name>",
    ]);
    expect(drawn("**@alice** wrote *www.a.example*")).toEqual([
      "<strong><name>@alice</name></strong> wrote <em><address>www.a.example</address></em>",
    ]);
  });

  it("are none within words and code", () => {
    expect(drawn("a@alice *b* xhttps://a.example `@bob`")).toEqual(["a@alice <em>b</em> xhttps://a.example <code>@bob</code>"]);
  });

  const grammar = JSON.parse(readFileSync("../messenger/tests/grammar.json", "utf8")) as Record<
    "addresses" | "mentions",
    [text: string, found: string[]][]
  >;
  const inside = (blocks: readonly Block[], kind: "address" | "name"): string[] =>
    blocks.flatMap((block) => {
      if (block.kind === "list") return block.items.flatMap((item) => inside(item, kind));
      if (block.kind === "quote") return inside(block.children, kind);
      return block.kind === "code" ? [] : inlineOf(block.children, kind);
    });
  const inlineOf = (pieces: readonly Inline[], kind: string): string[] =>
    pieces.flatMap((one) => ("children" in one ? inlineOf(one.children, kind) : one.kind === kind ? [one.text] : []));

  it.each(grammar.addresses.filter(([text]) => hasMarks(text)))("of the server's table: %j", (text, found) => {
    expect(inside(readMessage(text), "address").map((one) => (one.includes("://") ? one : `https://${one}`))).toEqual(found);
  });
});

describe("in one line", () => {
  it("there are words alone", () => {
    expect(plainText("**a** `b` [c](https://d.example) ~~e~~\n> f\n\n- g\n- h")).toBe("a b c e\nf\n• g\n• h");
    expect(plainText("2*3*4 # x")).toBe("2*3*4 # x");
  });
});
