import { describe, expect, it } from "vitest";

import { MarkdownView, renderGuarded } from "./index";

function drawn(text: string): HTMLElement {
  const host = document.createElement("div");
  new MarkdownView(host, renderGuarded).finish(text);
  return host;
}

describe("a text that may have been put into a model's mouth", () => {
  it("says where its links lead, whatever they are called", () => {
    expect(drawn("See [your bank](https://evil.example/login).").textContent.trim()).toBe("See your bank (evil.example).");
    expect(drawn("[https://bank.example](https://evil.example)").textContent.trim()).toBe("https://bank.example (evil.example)");
    expect(drawn("- [a](https://one.example)\n\n| b |\n|---|\n| [c](https://two.example) |").textContent).toMatch(
      /a \(one\.example\)[^]*c \(two\.example\)/,
    );
  });

  it("leaves addresses that stand for themselves", () => {
    expect(drawn("https://one.example/a?b=1").textContent.trim()).toBe("https://one.example/a?b=1");
    expect(drawn("<https://one.example>").textContent.trim()).toBe("https://one.example");
  });

  it("shows images as they were written, and asks for none", () => {
    const host = drawn("Look ![you](https://evil.example/p.png?q=secret) here\n\n* ![x][y]\n\n[y]: https://evil.example/y.png");
    expect(host.querySelectorAll("img, a")).toHaveLength(0);
    expect(host.textContent).toContain("![you](https://evil.example/p.png?q=secret)");
  });
});
