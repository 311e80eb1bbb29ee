const EDGE = 8;

/**
 * Put an element of the top layer (a popover) beside its anchor: below it (or above, where that is asked for), or on the other
 * side when there is no room; inside the window in any case. The top layer is never cut off by a scrolling ancestor, which is why this is done by hand.
 */
export function placeBeside(floating: HTMLElement, anchor: Element, align: "start" | "center" | "end", first: "below" | "above" = "below"): void {
  const at = anchor.getBoundingClientRect();
  const { width, height } = floating.getBoundingClientRect();
  const left = { start: at.left, center: at.left + (at.width - width) / 2, end: at.right - width }[align];
  const below = at.bottom + EDGE;
  const above = at.top - height - EDGE;
  const fits = first === "below" ? below + height <= window.innerHeight - EDGE : above >= EDGE;
  const top = (first === "below") === fits ? below : above;
  floating.style.left = `${clamp(left, window.innerWidth - width - EDGE)}px`;
  floating.style.top = `${clamp(top, window.innerHeight - height - EDGE)}px`;
}

function clamp(value: number, max: number): number {
  return Math.max(EDGE, Math.min(value, max));
}
