/**
 * Mermaid diagrams as drawings; fetched with the first one.
 *
 * What comes from the drawing thread is taken for text of a stranger: only shapes and words are let through, none of its
 * styles, addresses or colours, so that every diagram has the look of the page and can load nothing.
 */
import DOMPurify from "dompurify";

import type { DrawAnswer } from "./diagramWorker";

/** Characters of a source: 100 connections or so. */
const LONGEST_SOURCE = 10_000;
/** Characters of a drawing. */
const LONGEST_DRAWING = 500_000;
const PATIENCE_MS = 4000;

/** Kinds that are drawn; each begins with one of these words. */
const KINDS = /^(graph|flowchart|stateDiagram(-v2)?|sequenceDiagram|classDiagram|erDiagram)\b/;

const TAGS = ["svg", "g", "defs", "marker", "polygon", "polyline", "path", "line", "rect", "circle", "ellipse", "text", "tspan"];
const ATTRIBUTES = [
  ["viewBox", "width", "height", "x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "rx", "ry", "dx", "dy", "d", "points"],
  ["fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-linejoin", "stroke-linecap", "opacity", "transform"],
  ["text-anchor", "dominant-baseline", "font-size", "font-weight", "font-style"],
  ["id", "markerWidth", "markerHeight", "refX", "refY", "orient", "marker-start", "marker-end"],
].flat();

interface Thread {
  worker: Worker;
  ready: Promise<void>;
}

const purifier = DOMPurify();
let drawn = 0;

/** One at a time: a diagram that takes too long ends its thread, and must not end another's. */
let queue: Promise<unknown> = Promise.resolve();
let thread: Thread | null = null;

/** The drawing, or null for what is no diagram, or none that is drawn here in a moment. */
export async function drawDiagram(source: string): Promise<SVGElement | null> {
  if (!isDrawable(source)) return null;
  const mine = queue.then(() => inThread(source));
  queue = mine.catch(() => undefined);
  const svg = await mine.catch(() => null);
  return svg === null || svg.length > LONGEST_DRAWING ? null : reduced(svg);
}

/** Of a kind that is drawn, and not so long that drawing it is hopeless. */
export function isDrawable(source: string): boolean {
  if (source.length > LONGEST_SOURCE) return false;
  const first = source
    .replace(/^\s*---\n[\s\S]*?\n---/, "")
    .split("\n")
    .map((line) => line.trim())
    .find((line) => line !== "" && !line.startsWith("%%"));
  return first !== undefined && KINDS.test(first);
}

function inThread(source: string): Promise<string | null> {
  const mine = (thread ??= begin());
  return new Promise((resolve) => {
    const end = (svg: string | null, isLost: boolean) => {
      clearTimeout(timer);
      if (isLost) {
        mine.worker.terminate();
        if (thread === mine) thread = null;
      }
      resolve(svg);
    };
    let timer: ReturnType<typeof setTimeout>;
    mine.worker.onerror = () => end(null, true);
    // Fetching what draws may take a slow network long; only the drawing itself is given so many seconds.
    void mine.ready.then(() => {
      timer = setTimeout(() => end(null, true), PATIENCE_MS);
      mine.worker.onmessage = ({ data }: MessageEvent<DrawAnswer>) => end(data.svg, false);
      mine.worker.postMessage(source);
    });
  });
}

function begin(): Thread {
  const worker = new Worker(new URL("./diagramWorker.ts", import.meta.url), { type: "module" });
  const ready = new Promise<void>((resolve) => {
    // The first it says is that it is there.
    worker.onmessage = () => resolve();
  });
  return { worker, ready };
}

/** Shapes and words only, in the page's own colours. */
export function reduced(svg: string): SVGElement | null {
  // Before it is parsed: the page's policy complains of styles in markup even where they have no effect.
  const plain = svg.replace(/<style>[\s\S]*?<\/style>/g, "").replace(/(<[^>]*?) style="[^"]*"/g, "$1");
  const fragment = purifier.sanitize(plain, {
    ALLOWED_TAGS: TAGS,
    ALLOWED_ATTR: ATTRIBUTES,
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
    RETURN_DOM_FRAGMENT: true,
  });
  const root = fragment.querySelector("svg");
  if (root === null) return null;
  const prefix = `diagram-${++drawn}-`;
  for (const element of [root, ...root.querySelectorAll("*")]) reduce(element, prefix);
  return root;
}

const OWN_COLOUR = /^(none|var\(--_[a-z-]+\))$/;

function reduce(element: Element, prefix: string): void {
  const isText = element.localName === "text" || element.localName === "tspan";
  for (const [name, usual] of [["fill", isText ? "var(--_text)" : "var(--_node-fill)"], ["stroke", "var(--_node-stroke)"]] as const) {
    const value = element.getAttribute(name);
    if (value !== null && !OWN_COLOUR.test(value)) element.setAttribute(name, usual);
  }
  // Names are of the whole page, and each drawing has the same ones.
  if (element.id !== "") element.id = prefix + element.id;
  for (const name of ["marker-start", "marker-end"]) {
    const id = /^url\(#([\w-]+)\)$/.exec(element.getAttribute(name) ?? "")?.[1];
    if (id === undefined) element.removeAttribute(name);
    else element.setAttribute(name, `url(#${prefix}${id})`);
  }
}
