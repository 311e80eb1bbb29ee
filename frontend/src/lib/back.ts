/**
 * The browser's way back closes what lies over a page before it leaves the page, as people on telephones expect.
 *
 * While something lies over it, the page has one spare entry in the history. Going back from there closes the uppermost
 * layer. A layer that is closed otherwise leaves the entry behind: the next address takes its place (`takeSpare`), and a
 * way back over it goes one step further, so nobody notices it.
 */
const layers: (() => void)[] = [];

/** Whether the entry of the history one is on is the spare one. */
let onSpare = isSpare(window.history.state);
let spareUrl = window.location.href;

/** Something lies over the page; going back calls `close`. Answers how to say that it is gone. */
export function holdBack(close: () => void): () => void {
  layers.push(close);
  makeSpare();
  return () => {
    const index = layers.lastIndexOf(close);
    if (index >= 0) layers.splice(index, 1);
  };
}

/** Whether the next address should take the place of the present entry, as nobody wants to come back to that. */
export function takeSpare(): boolean {
  const was = onSpare;
  onSpare = false;
  return was;
}

function makeSpare(): void {
  if (onSpare) return;
  onSpare = true;
  spareUrl = window.location.href;
  window.history.pushState({ spare: true }, "");
}

function onBack(event: PopStateEvent): void {
  const wasSpare = onSpare;
  onSpare = isSpare(event.state);
  if (!wasSpare || onSpare || window.location.href !== spareUrl) return;
  // The page is the same; nobody else has to look where it is.
  event.stopImmediatePropagation();
  const top = layers.at(-1);
  if (top === undefined) {
    window.history.back();
    return;
  }
  if (layers.length > 1) makeSpare();
  top();
}

function isSpare(state: unknown): boolean {
  return typeof state === "object" && state !== null && "spare" in state;
}

window.addEventListener("popstate", onBack, true);
