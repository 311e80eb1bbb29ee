// @vitest-environment jsdom
import { renderMermaidSVG } from "beautiful-mermaid";
import { afterEach, describe, expect, it, vi } from "vitest";

import { drawDiagram, isDrawable, reduced } from "./diagram";
import { MarkdownView } from "./MarkdownView";

const FLOW = "graph TD\nA[Start] --> B{Ready?}\nB -->|Yes| C[Go]";

/** The drawing thread, here in the same one; `broken` makes it never answer. */
function installThread(broken = false) {
  const ended = vi.fn();
  vi.stubGlobal(
    "Worker",
    class {
      onmessage: ((event: { data: { svg: string | null } | "ready" }) => void) | null = null;
      terminate = ended;
      constructor() {
        queueMicrotask(() => this.onmessage?.({ data: "ready" }));
      }
      postMessage(source: string) {
        if (broken) return;
        queueMicrotask(() => this.onmessage?.({ data: { svg: renderMermaidSVG(source) } }));
      }
    },
  );
  return ended;
}

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("what is drawn", () => {
  it.each(["graph TD\nA-->B", "%% a word\n\nflowchart LR\nA-->B", "---\ntitle: x\n---\nsequenceDiagram\nA->>B: x"])(
    "begins with the name of its kind: %j",
    (source) => expect(isDrawable(source)).toBe(true),
  );

  it.each(["", "gantt\ntitle x", "hello there", "graphite", `graph TD\n${"A-->B\n".repeat(5000)}`])(
    "is none of these",
    (source) => expect(isDrawable(source)).toBe(false),
  );
});

describe("a drawing", () => {
  it("keeps its shapes and words, and loses its styles, addresses and colours", () => {
    const hostile = [
      "graph TD",
      'A["<img src=x onerror=alert(1)>"] --> B["style=\\"x\\""]',
      'click B href "javascript:alert(1)"',
      "style A fill:url(http://evil.example/a.png),stroke:#123456",
    ].join("\n");
    const svg = reduced(renderMermaidSVG(hostile));
    expect(svg?.querySelectorAll("rect").length).toBeGreaterThan(1);
    const markup = svg?.outerHTML ?? "";
    for (const bad of ["<style", ' style="', "href", "evil.example", "#123456", "<img", "@import", "data-"]) {
      expect(markup).not.toContain(bad);
    }
    expect(svg?.textContent).toContain("alert(1)>");
    expect(markup).toContain('fill="var(--_node-fill)"');
  });

  it.each([
    '<svg><script>alert(1)</script><rect onload="alert(1)" fill="red"/></svg>',
    '<svg><foreignObject><iframe src="//evil.example"></iframe></foreignObject><rect/></svg>',
    '<svg><use href="//evil.example#a"/><a xlink:href="javascript:alert(1)"><rect/></a></svg>',
    '<svg><image href="//evil.example/a.png"/><animate attributeName="href"/><rect/></svg>',
  ])("lets nothing else through: %s", (svg) => {
    const markup = reduced(svg)?.outerHTML ?? "";
    expect(markup).not.toMatch(/script|alert|evil|iframe|href|animate|red/);
    expect(markup).toContain("<rect");
  });

  it("has names of its own, as others stand beside it", () => {
    const [one, other] = [reduced(renderMermaidSVG(FLOW)), reduced(renderMermaidSVG(FLOW))];
    const ids = [one, other].flatMap((svg) => [...(svg?.querySelectorAll("[id]") ?? [])].map(({ id }) => id));
    expect(new Set(ids).size).toBe(ids.length);
    const arrow = one?.querySelector("[marker-end]")?.getAttribute("marker-end") ?? "";
    expect(one?.querySelector(arrow.slice(4, -1))).not.toBeNull();
  });

  it("ends its thread when it takes too long, and the next one is drawn", async () => {
    vi.useFakeTimers();
    const ended = installThread(true);
    const slow = drawDiagram(FLOW);
    await vi.advanceTimersByTimeAsync(4000);
    expect(await slow).toBeNull();
    expect(ended).toHaveBeenCalledOnce();
    installThread();
    expect(await drawDiagram(FLOW)).not.toBeNull();
  });
});

describe("a diagram in an answer", () => {
  const shown = (text: string) => {
    const host = document.createElement("div");
    new MarkdownView(host).finish(text);
    return host;
  };

  it("is drawn, and its source is a press away", async () => {
    installThread();
    const host = shown(`So:\n\n\`\`\`mermaid\n${FLOW}\n\`\`\``);
    await vi.waitFor(() => expect(host.querySelector("[role=img] svg")).not.toBeNull());
    const pre = host.querySelector("pre");
    expect(pre?.hidden).toBe(true);
    const source = await vi.waitFor(() => {
      const button = [...host.querySelectorAll("button")].find((one) => one.textContent === "Source");
      if (button === undefined) throw new Error("There is no button yet.");
      return button;
    });
    source.click();
    expect(pre?.hidden).toBe(false);
    expect(pre?.textContent).toBe(FLOW);
  });

  it("that cannot be drawn says so above its source", async () => {
    installThread();
    const host = shown("```mermaid\nnonsense --> \n```");
    await vi.waitFor(() => expect(host.querySelector("p")?.textContent).toContain("cannot be drawn"));
    expect(host.querySelector("pre")?.textContent).toBe("nonsense --> ");
    expect(host.querySelector("pre")?.hidden).toBe(false);
  });
});
