/** A text with some of its parts lit up, cut to what matters. */

export interface Part {
  text: string;
  lit: boolean;
}

const BEFORE = 40;
const LONGEST = 220;

/**
 * Parts of a text by the server's positions, which count as JavaScript does. Positions that make no sense are left out.
 * A long text begins a little before its first light.
 */
export function litParts(content: string, highlights: readonly (readonly [number, number])[]): Part[] {
  const lights = merge(highlights, content.length);
  const first = lights[0]?.[0] ?? 0;
  const from = first > BEFORE && content.length > LONGEST ? wholeLetter(content, first - BEFORE) : 0;
  const to = wholeLetter(content, Math.min(content.length, from + LONGEST));
  const parts: Part[] = [];
  const add = (start: number, end: number, lit: boolean) => {
    if (end > start) parts.push({ text: content.slice(start, end), lit });
  };
  let at = from;
  for (const [start, end] of lights) {
    if (start >= to) break;
    add(at, start, false);
    add(Math.max(at, start), Math.min(end, to), true);
    at = Math.min(end, to);
  }
  add(at, to, false);
  if (from > 0) parts.unshift({ text: "…", lit: false });
  if (to < content.length) parts.push({ text: "…", lit: false });
  return parts;
}

/** A place to cut that is not inside of an emoji. */
function wholeLetter(content: string, at: number): number {
  const isLowHalf = /[\uDC00-\uDFFF]/.test(content.charAt(at));
  return isLowHalf ? at - 1 : at;
}

/** In order, inside the text, and none over another. */
function merge(highlights: readonly (readonly [number, number])[], length: number): [number, number][] {
  const merged: [number, number][] = [];
  const sorted = [...highlights].sort((a, b) => a[0] - b[0]);
  for (const [start, end] of sorted) {
    const from = Math.max(0, start);
    const to = Math.min(length, end);
    const last = merged.at(-1);
    if (to <= from) continue;
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else merged.push([from, to]);
  }
  return merged;
}
