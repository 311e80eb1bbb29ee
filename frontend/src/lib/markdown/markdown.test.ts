// @vitest-environment jsdom
// The sanitiser leans on the parser of a real browser; of the test environments only jsdom's is close to it.
import { describe, expect, it } from "vitest";

import { MarkdownView } from "./MarkdownView";
import { BlockSplitter } from "./splitter";

function html(text: string): HTMLElement {
  const host = document.createElement("div");
  new MarkdownView(host).finish(text);
  return host;
}

describe("sanitising", () => {
  it.each([
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "![x](javascript:alert(1))",
    '![x](https://evil.test/a.png" onerror="alert(1))',
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[x](vbscript:msgbox(1))",
    "<javascript:alert(1)>",
    "<svg onload=alert(1)>",
    "<math><mtext></mtext><mglyph><style><img src=x onerror=alert(1)></style></mglyph></math>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<a href='javascript:alert(1)'>x</a>",
    "<form action='https://evil.test'><input name=password><button>go</button></form>",
    "<style>body{display:none}</style>",
    "<b onclick=alert(1)>bold</b>",
    "<br onload=alert(1)>",
    "| a |\n|---|\n| <img src=x onerror=alert(1)> |",
    "```html\n<script>alert(1)</script>\n```",
    '```x" onmouseover="alert(1)\ncode\n```',
    "- item\n\n      <script>alert(1)</script>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<details open ontoggle=alert(1)>",
    "<base href='https://evil.test/'>",
  ])("leaves nothing that runs, loads or submits: %s", (text) => {
    const host = html(text);
    expect(host.querySelectorAll("script,img,svg,math,iframe,form,input,style,object,embed,base,details")).toHaveLength(
      0,
    );
    for (const element of host.querySelectorAll("*")) {
      for (const { name, value } of element.attributes) {
        expect(name).not.toMatch(/^on|^style$|^src|^id$|^name$|^action$/);
        if (name === "href") expect(value).toMatch(/^(https?|mailto):/);
      }
    }
  });

  it("shows raw HTML as the text it is, so that nothing of the answer is lost", () => {
    expect(html("Use the <div onclick=x> tag").textContent).toContain("<div onclick=x>");
  });

  it("keeps line breaks in table cells", () => {
    expect(html("| a |\n|---|\n| one<br>two |").querySelector("td br")).not.toBeNull();
  });

  it("keeps what numbers and aligns", () => {
    expect(html("3. three").querySelector("ol")?.start).toBe(3);
    expect(html("| a |\n|--:|\n| 1 |").querySelector("td")?.getAttribute("align")).toBe("right");
    expect(html("| a |\n|--:|\n| 1 |").querySelector("div")?.tabIndex).toBe(0);
  });

  it("never loads a picture and links to it instead", () => {
    const host = html("![chart](https://example.test/c.png?leak=1)");
    expect(host.querySelector("img")).toBeNull();
    expect(host.querySelector("a")?.textContent).toBe("chart");
  });

  it("opens links apart and tells the target nothing", () => {
    const link = html("[k](https://example.test)").querySelector("a");
    expect(link?.target).toBe("_blank");
    expect(link?.rel).toBe("noopener noreferrer nofollow");
  });

  it("lets no foreign class through", () => {
    expect(html("```evil-class overlay\nx\n```\n\n1. a\n\n       code").innerHTML).not.toMatch(/class="[^"]*overlay/);
  });
});

const SAMPLE = `# Title

First paragraph with **bold** and \`code\`
and a second line.

- one
- two
  - nested

      indented code

1. first

2. second

| a | b |
|---|---|
| 1 | 2 |

\`\`\`ts
const x = "\`";

const y = 1;
\`\`\`

> quote
> goes on

Heading by underline
---

text
#hashtag is no heading

***

The [end][ref] 🏺.

[ref]: https://example.test
`;

describe("streaming", () => {
  it("ends with the same page as reading the whole text at once, wherever it was cut", () => {
    for (const step of [4, 17, 64]) {
      const host = document.createElement("div");
      const view = new MarkdownView(host);
      for (let end = step; end < SAMPLE.length; end += step) view.stream(SAMPLE.slice(0, end));
      view.finish(SAMPLE);
      expect(host.innerHTML).toBe(html(SAMPLE).innerHTML);
    }
  });

  it("does the same for Windows line ends", () => {
    const text = SAMPLE.replaceAll("\n", "\r\n");
    const host = document.createElement("div");
    const view = new MarkdownView(host);
    for (let end = 1; end < text.length; end += 5) view.stream(text.slice(0, end));
    view.finish(text);
    expect(host.textContent).toBe(html(SAMPLE).textContent);
  });

  it("reaches a long text slice by slice", () => {
    const text = `${SAMPLE}\n`.repeat(5);
    const host = document.createElement("div");
    const view = new MarkdownView(host);
    let slices = 1;
    while (view.advance(text, true)) slices += 1;
    expect(slices).toBeGreaterThan(1);
    expect(host.textContent).toBe(html(text).textContent);
  });

  it("draws nothing twice when told twice, nor when a finished text goes on", () => {
    const host = document.createElement("div");
    const view = new MarkdownView(host);
    view.advance("one\n\ntwo", true);
    view.advance("one\n\ntwo", true);
    expect(host.textContent).toBe(html("one\n\ntwo").textContent);
    view.advance("one\n\ntwo three", false);
    view.advance("one\n\ntwo three", true);
    expect(host.innerHTML).toBe(html("one\n\ntwo three").innerHTML);
  });

  it("leaves the nodes of finished blocks alone", () => {
    const host = document.createElement("div");
    const view = new MarkdownView(host);
    view.stream("First.\n\nSecond\n\n");
    const first = host.firstElementChild;
    view.stream("First.\n\nSecond\n\n- a list\n- goes on");
    view.stream("First.\n\nSecond\n\n- a list\n- goes on\n\nand ends\n");
    expect(host.firstElementChild).toBe(first);
  });

  it("grows an open listing in place", () => {
    const host = document.createElement("div");
    const view = new MarkdownView(host);
    view.stream("```js\nconst a");
    const text = host.querySelector("code")?.firstChild?.firstChild;
    view.stream("```js\nconst a = 1;\nconst b");
    expect(host.querySelector("code")?.firstChild?.firstChild).toBe(text);
    expect(text?.textContent).toBe("const a = 1;\nconst b");
  });

  it("keeps a long listing whole in its pieces", () => {
    const code = Array.from({ length: 900 }, (_, line) => `line ${line}`).join("\n");
    const host = document.createElement("div");
    const view = new MarkdownView(host);
    for (let end = 1; end <= code.length; end += 97) view.stream("```\n" + code.slice(0, end));
    view.stream("```\n" + code);
    expect(host.querySelector("code")?.textContent).toBe(code);
    expect(host.querySelectorAll("code > span").length).toBeGreaterThan(2);
  });

  it("starts anew when the text is another one", () => {
    const host = document.createElement("div");
    const view = new MarkdownView(host);
    view.stream("one\n\ntwo");
    view.stream("three");
    expect(host.textContent.trim()).toBe("three");
  });
});

describe("BlockSplitter", () => {
  it("keeps a block open until the next one's first line is whole", () => {
    const splitter = new BlockSplitter();
    expect(splitter.grow("para\n\n#").closed).toHaveLength(0);
    expect(splitter.grow("para\n\n# Head\n").closed).toHaveLength(1);
  });

  it("cuts an endless list between its items, and counts on", () => {
    const text = Array.from({ length: 400 }, (_, index) => `${index + 1}. an item with **bold** words`).join("\n");
    const host = document.createElement("div");
    const view = new MarkdownView(host);
    for (let end = 0; end < text.length; end += 1500) view.stream(text.slice(0, end));
    view.finish(text);
    const lists = [...host.querySelectorAll("ol")];
    expect(lists.length).toBeGreaterThan(1);
    expect(host.querySelectorAll("li")).toHaveLength(400);
    expect(lists[1]?.start).toBe((lists[0]?.children.length ?? 0) + 1);
  });

  it("loses no word of an endless paragraph", () => {
    const text = "word **bold** and `code` ".repeat(400).trim();
    const host = document.createElement("div");
    const view = new MarkdownView(host);
    for (let end = 0; end < text.length; end += 1500) view.stream(text.slice(0, end));
    view.finish(text);
    expect(host.textContent.split(/\s+/).filter(Boolean)).toHaveLength(1600);
  });

  it("reads each finished block once", () => {
    const splitter = new BlockSplitter();
    let closed = 0;
    for (let end = 1; end <= SAMPLE.length; end += 1) closed += splitter.grow(SAMPLE.slice(0, end)).closed.length;
    const whole = new BlockSplitter().grow(SAMPLE);
    expect(closed).toBe(whole.closed.length);
  });
});
