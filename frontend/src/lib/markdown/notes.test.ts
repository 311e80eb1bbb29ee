// @vitest-environment jsdom
import { expect, it } from "vitest";

import { MarkdownView } from "./MarkdownView";

function drawn(text: string): HTMLElement {
  const host = document.createElement("div");
  new MarkdownView(host).finish(text);
  return host;
}

it("raises the numbers of footnotes, and loses no note", () => {
  const host = drawn("Gold[^1] mends.[^2]\n\n[^1]: Karat\n[^2]: See **urushi**\nlacquer.\n\nAfter.");
  expect([...host.querySelectorAll("sup")].map((sup) => sup.textContent)).toEqual(["1", "2", "1", "2"]);
  expect([...host.querySelectorAll("p")].map((p) => p.textContent)).toEqual([
    "Gold1 mends.2",
    "1 Karat",
    "2 See urushilacquer.",
    "After.",
  ]);
  expect(host.querySelector("strong")?.textContent).toBe("urushi");
});

it.each(["the class [^a-z] and `[^1]`", "[^1](https://example.com)", "a[^1"])("leaves what is no footnote: %s", (text) => {
  expect(drawn(text).querySelector("sup")).toBeNull();
});

it("gives a task its box and no bullet", () => {
  const host = drawn("- [x] done\n- [ ] open\n- plain");
  expect([...host.querySelectorAll("li")].map((li) => [li.className, li.textContent.trim()])).toEqual([
    ["task", "☑ done"],
    ["task", "☐ open"],
    ["", "plain"],
  ]);
});

it.each(["a[^1]", "[^1]", "a [^1].", "**b[^1]**"])("raises the mark in %s", (text) => {
  expect(drawn(text).querySelector("sup")?.textContent).toBe("1");
});
