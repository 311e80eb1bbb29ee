/** Draws diagrams away from the page: laying out a large one takes seconds, and this thread can be ended. */
import { renderMermaidSVG } from "beautiful-mermaid";

export interface DrawAnswer {
  /** Null for what cannot be drawn. */
  svg: string | null;
}

const scope = globalThis as unknown as {
  onmessage: (event: MessageEvent<string>) => void;
  postMessage: (answer: DrawAnswer | "ready") => void;
};

// The layout engine takes any thread without a document for its own, and would listen where this one does; the library
// around it guards against that by writing to what threads let nobody write to.
Object.assign(globalThis, { document: {} });
Object.defineProperty(globalThis, "self", { value: globalThis, writable: true, configurable: true });

scope.onmessage = ({ data }) => scope.postMessage({ svg: draw(data) });
scope.postMessage("ready");

function draw(source: string): string | null {
  try {
    return renderMermaidSVG(source, { padding: 16, transparent: true });
  } catch {
    return null;
  }
}
