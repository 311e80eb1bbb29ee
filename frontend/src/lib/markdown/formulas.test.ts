// @vitest-environment jsdom
import { describe, expect, it, vi } from "vitest";

import { MarkdownView } from "./MarkdownView";
import { lexBlocks } from "./parse";

function drawn(text: string): HTMLElement {
  const host = document.createElement("div");
  new MarkdownView(host).finish(text);
  return host;
}

const sources = (text: string) => [...drawn(text).querySelectorAll(".formula")].map((one) => one.textContent);

describe("before the converter is here", () => {
  it.each([
    ["Area $\\pi r^2$ and \\(a^2\\,dx\\).", ["$\\pi r^2$", "\\(a^2\\,dx\\)"]],
    ["$x$, $2x + 3y$, ($n$)", ["$x$", "$2x + 3y$", "$n$"]],
    ["so\n\n$$\n\\int_0^1 x\\,dx\n= \\frac12\n- 0\n$$\n\nend", ["$$\n\\int_0^1 x\\,dx\n= \\frac12\n- 0\n$$"]],
    ["\\[\na_1 = b\n\\]", ["\\[\na_1 = b\n\\]"]],
    ["- item $a*b*c$\n- \\(x_1\\) and **bold $y_2$**", ["$a*b*c$", "\\(x_1\\)", "$y_2$"]],
    ["inline $$E = mc^2$$ here", ["$$E = mc^2$$"]],
    ["| a |\n|---|\n| $x^2$ |", ["$x^2$"]],
  ])("stand as they were written: %j", (text, found) => {
    vi.doMock("./mathml", () => new Promise(() => undefined));
    expect(sources(text)).toEqual(found);
    vi.doUnmock("./mathml");
  });

  it.each([
    "It is $5 and $10.",
    "from $5-$10, or $20,000 and US$30",
    "costs $5, not 6$ or so",
    "A$5 B$6 C$",
    "$5$",
    "set $HOME and $PATH now",
    "echo `$a$` and `\\(b\\)`",
    "a \\$x\\$ b",
    "$ 5 $",
    "a $ b",
  ])("are not what costs money, or code: %s", (text) => {
    expect(sources(text)).toEqual([]);
  });

  it("changes no letter of a price", () => {
    expect(drawn("It is $5 and $10_000 for * a * b.").textContent.trim()).toBe("It is $5 and $10_000 for * a * b.");
  });
});

describe("formulas", () => {
  it("become MathML, in line and apart", async () => {
    const host = drawn("Area $\\pi r^2$:\n\n$$\n\\frac{a}{b}\n$$");
    await vi.waitFor(() => expect(host.querySelectorAll("math")).toHaveLength(2));
    expect(host.querySelector("span > math msup")?.textContent).toBe("r2");
    expect(host.querySelector("div > math[display=block] mfrac")).not.toBeNull();
    expect(host.textContent).not.toContain("$");
  });

  it("stay as they are when they are no TeX", async () => {
    const host = drawn("$\\nosuchthing{a$ and $\\frac{1}{2}$");
    await vi.waitFor(() => expect(host.querySelectorAll("math")).toHaveLength(1));
    expect(host.querySelector(".formula")?.textContent).toBe("$\\nosuchthing{a$");
  });

  it.each([
    "$\\href{javascript:alert(1)}{x}$",
    "$\\url{https://evil.test}$",
    "$\\includegraphics{https://evil.test/a.png}$",
    "$\\style{position:fixed}{x^2}$",
    "$\\class{table-scroll}{x^2}\\id{main}{y}$",
    "$\\text{<img src=x onerror=alert(1)>}^2$",
    "$\\def\\a{\\a\\a}\\a^2$",
    "$\\colorbox{red}{x^2}$",
  ])("leave nothing that runs, loads or leads away: %s", async (text) => {
    const host = drawn(`${text} and $z^9$`);
    await vi.waitFor(() => expect(host.querySelector(".formula:last-child math")).not.toBeNull());
    expect(host.querySelectorAll("script,img,svg,style,a,iframe,mglyph")).toHaveLength(0);
    for (const element of host.querySelectorAll("math, math *")) {
      for (const { name } of element.attributes) expect(name).not.toMatch(/^on|^style$|href|^src|^id$|^name$|^action$/);
    }
  });

  it("grow to the same page, whatever stands in them", async () => {
    const text = "One:\n\n$$\nx\n= y\n- z\n> 3\n$$\n\nTwo \\(a\\) and\n\n\\[\nb^2\n\\]\n\nend";
    const host = document.createElement("div");
    const view = new MarkdownView(host);
    for (let end = 1; end <= text.length; end += 1) view.stream(text.slice(0, end));
    view.finish(text);
    const whole = drawn(text);
    await vi.waitFor(() => expect(whole.querySelectorAll("math")).toHaveLength(3));
    await vi.waitFor(() => expect(host.querySelectorAll("math")).toHaveLength(3));
    expect(host.innerHTML).toBe(whole.innerHTML);
  });

  it("do not take long to be looked for", () => {
    const begun = performance.now();
    for (const text of ["$".repeat(4000), "$a ".repeat(4000), "\\(".repeat(4000), "\\[a\n".repeat(2000), "$$a\n".repeat(2000)]) {
      lexBlocks(text, {});
    }
    expect(performance.now() - begun).toBeLessThan(4000);
  });
});
