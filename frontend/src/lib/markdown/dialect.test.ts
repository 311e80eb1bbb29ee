// @vitest-environment jsdom
import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { hrefOf } from "../addresses";
import { MarkdownView } from "./MarkdownView";

function drawn(text: string): HTMLElement {
  const host = document.createElement("div");
  new MarkdownView(host).finish(text);
  return host;
}

const all = (text: string, selector: string) => [...drawn(text).querySelectorAll(selector)].map((one) => one.textContent);

describe("tildes", () => {
  it.each([
    "A range of 5~7 cups, 100~200 grams.",
    "~2000 lines, later ~5000 lines",
    "H~2~O and x ~y~ z",
    "from ~/a to ~/b",
    "~a~",
  ])("changes nothing by one: %s", (text) => {
    expect(all(text, "del")).toEqual([]);
    expect(drawn(text).textContent.trim()).toBe(text);
  });

  it("strikes out by two", () => {
    expect(all("was ~~5~7~~ cups, ~~gone~~.", "del")).toEqual(["5~7", "gone"]);
  });
});

describe("emphasis beside letters without blanks", () => {
  it.each([
    ["**「重要」**です", ["「重要」"]],
    ["これは**「重要」**です", ["「重要」"]],
    ["**注意：**请先备份", ["注意："]],
    ["请**先“备份”**再升级", ["先“备份”"]],
    ["使用**`code`**命令", ["code"]],
    ["太郎は**「こんにちわ」**といった", ["「こんにちわ」"]],
    ["**Go言語（ゴー）**は", ["Go言語（ゴー）"]],
    ["これは**私のやりたかったこと。**だからするの。", ["私のやりたかったこと。"]],
    ["**스크립트(Script)**는", ["스크립트(Script)"]],
    ["**强调**“引”**再**", ["强调", "再"]],
    ["**(강조)**와 **[둘]**를", ["(강조)", "[둘]"]],
    ["一**二**三**四**五", ["二", "四"]],
  ])("%s", (text, strong) => {
    expect(all(text, "strong")).toEqual(strong);
    expect(drawn(text).textContent).not.toContain("**");
  });

  it.each([
    ["5 * 3 * 2", []],
    ["a **b** c, (**d**), **\"e\"** f", ["b", "d", '"e"']],
    ["foo**bar**baz", ["bar"]],
    ['a**"b"**c', []],
    ["** not **", []],
    ["***both*** and **two *in* one**", ["both", "two in one"]],
    ["**a*b*c**", ["abc"]],
    ["snake_case_name and __init__", ["init"]],
  ])("leaves others as they were: %s", (text, strong) => {
    expect(all(text, "strong")).toEqual(strong);
  });
});

describe("addresses", () => {
  /** The messenger's and the server's reader are tested by the same cases. */
  const { addresses } = JSON.parse(readFileSync("../messenger/tests/grammar.json", "utf8")) as {
    addresses: [text: string, found: string[]][];
  };
  // Here brackets, stars and quotation of addresses are Markdown's.
  it.each(addresses.filter(([text]) => !/[*`]|ftp:|a@www/.test(text)))("end where they end in messages: %s", (text, found) => {
    const links = [...drawn(text).querySelectorAll("a")].map((link) => hrefOf(link.textContent));
    expect(links).toEqual(found);
  });

  it("are what they were when they are Markdown's", () => {
    expect(all("[docs](https://example.com/a（b）) <https://example.com/x> me@example.com", "a")).toEqual([
      "docs",
      "https://example.com/x",
      "me@example.com",
    ]);
  });
});

describe("a listing of Markdown", () => {
  const inner = "# Kintsugi\n\n```bash\nmake run\n```\n\n## Usage\n\n~~~python\nmend()\n~~~\n\nDone.";

  it.each(["markdown", "md", "Markdown title=a"])("holds listings: %s", (language) => {
    const host = drawn(`Here:\n\n\`\`\`${language}\n${inner}\n\`\`\`\n\nAfter it.`);
    expect([...host.querySelectorAll("pre")].map((pre) => pre.textContent)).toEqual([inner]);
    expect(host.querySelector("h1, h2")).toBeNull();
    expect(host.lastElementChild?.textContent).toBe("After it.");
  });

  it("ends with the answer when nobody ends it", () => {
    expect(all("```md\n# a\n\n```js\nx", "pre")).toEqual(["# a\n\n```js\nx"]);
  });

  it("is like any other without listings in it, or in another language", () => {
    expect(all("```md\n# a\n```\n# b", "pre")).toEqual(["# a"]);
    expect(all("```sh\n```js\n```\nafter", "pre")).toEqual(["```js"]);
    expect(all("````md\n```\nx\n```\n````\nafter", "pre")).toEqual(["```\nx\n```"]);
  });

  it("grows to the same page", () => {
    const text = `\`\`\`markdown\n${inner}\n\`\`\`\n\n## After\n\nwords`;
    const host = document.createElement("div");
    const view = new MarkdownView(host);
    for (let end = 1; end <= text.length; end += 1) view.stream(text.slice(0, end));
    view.finish(text);
    expect(host.querySelectorAll("pre")).toHaveLength(1);
    expect(host.textContent).toBe(drawn(text).textContent);
  });
});

describe("direction", () => {
  it("is each block's own, and code's from the left", () => {
    const host = drawn("# שלום\n\nמה `x` נשמע\n\n- אחת\n  1. two\n\n> quote\n\n| א | b |\n|---|---|\n| 1 | 2 |\n\n```\ncode\n```");
    const directions = [...host.querySelectorAll("[dir]")].map((one) => `${one.tagName} ${one.getAttribute("dir")}`);
    expect(directions).toEqual([
      "H1 auto", "P auto", "CODE ltr", "UL rtl", "LI rtl", "OL ltr", "LI ltr", "BLOCKQUOTE ltr", "P auto",
      "TABLE rtl", "TH auto", "TH auto", "TD auto", "TD auto", "FIGURE ltr",
    ]); // prettier-ignore
  });
});
