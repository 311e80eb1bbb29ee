import {
  defaultRangeExtractor,
  elementScroll,
  observeElementOffset,
  observeElementRect,
  Virtualizer,
  type Range,
  type VirtualItem,
} from "@tanstack/virtual-core";
import type { RefObject } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";

export type ListVirtualizer = Virtualizer<HTMLDivElement, HTMLElement>;

interface Options {
  scroller: RefObject<HTMLDivElement | null>;
  count: number;
  keyOf: (index: number) => string;
  estimate: (index: number) => number;
  /** Nearer to the end than this counts as being there: what comes then is followed. */
  endThreshold: number;
  /** The end of the list is the end of all there is. What comes after it is followed, not what was only loaded there. */
  hasEnd: boolean;
  /** Drawn beyond the view, above and below. */
  overscan: number;
  /** Stays drawn wherever one reads, such as a row one writes in. What has the focus does so by itself. */
  keepKey?: string | null;
}

/** The first and the last index of what is drawn around the view. */
export interface Span {
  readonly first: number;
  readonly last: number;
}

export function spanOf(virtualizer: ListVirtualizer): Span {
  const { options } = virtualizer;
  // Of this drawing, in which rows may have come above.
  const { startIndex, endIndex } = virtualizer.calculateRange() ?? { startIndex: 0, endIndex: 0 };
  return {
    first: Math.max(0, startIndex - options.overscan),
    last: Math.max(0, Math.min(options.count - 1, endIndex + options.overscan)),
  };
}

/** Of a row that reaches no further into the view nobody reads the end. */
const READ_FROM_PX = 48;

/**
 * Whether the view moves along when a row gets another height, so that what is read stays. One that began above and is
 * measured for the first time was only guessed; later one that reaches into the view grows at its end, as answers do that
 * are being written.
 */
function keepsPlace(item: VirtualItem, _: number, virtualizer: ListVirtualizer): boolean {
  const top = virtualizer.scrollOffset ?? 0;
  return virtualizer.itemSizeCache.has(item.key) ? item.end <= top + READ_FROM_PX : item.start < top;
}

/** The row that has the focus, or something of it. */
function focusedKey(scroller: HTMLElement | null): string | null {
  const focused = document.activeElement;
  if (scroller === null || focused === scroller || !scroller.contains(focused)) return null;
  return focused?.closest<HTMLElement>("[data-key]")?.dataset.key ?? null;
}

/** What is said last stays in view when the room gets lower: files are chosen, something is pinned, a keyboard opens. */
const observeHeight: typeof observeElementRect<HTMLDivElement> = (virtualizer, tell) => {
  let height = 0;
  return observeElementRect(virtualizer, (rect) => {
    const lost = height - rect.height;
    const wasAtEnd = lost > 0 && virtualizer.getDistanceFromEnd() - lost <= virtualizer.options.scrollEndThreshold;
    height = rect.height;
    tell(rect);
    if (wasAtEnd) virtualizer.scrollToEnd();
  });
};

/**
 * The rows near the view of a list that grows at both ends. Anchored at the end: what is loaded above does not move what
 * is being read, and a new row is followed only by those who are at the end.
 */
export function useVirtual(asked: Options): ListVirtualizer {
  const { scroller, count, keyOf, estimate, endThreshold, hasEnd, overscan, keepKey = null } = asked;
  const follow = useBefore(hasEnd);
  const [, redraw] = useState(0);
  const options = {
    count,
    getScrollElement: () => scroller.current,
    getItemKey: keyOf,
    estimateSize: estimate,
    overscan,
    rangeExtractor: (range: Range) => {
      const kept = [keepKey, focusedKey(scroller.current)].filter((key) => key !== null);
      return withKept(defaultRangeExtractor(range), kept, count, keyOf);
    },
    paddingStart: 8,
    paddingEnd: 8,
    anchorTo: "end" as const,
    followOnAppend: follow,
    scrollEndThreshold: endThreshold,
    observeElementRect: observeHeight,
    observeElementOffset,
    scrollToFn: elementScroll,
    onChange: () => redraw((times) => times + 1),
  };
  const [virtualizer] = useState(() => {
    const made = new Virtualizer<HTMLDivElement, HTMLElement>(options);
    made.shouldAdjustScrollPositionOnItemSizeChange = keepsPlace;
    return made;
  });
  const wasAtEnd = follow && virtualizer.isAtEnd();
  virtualizer.setOptions(options);

  useLayoutEffect(() => virtualizer._didMount(), [virtualizer]);
  useLayoutEffect(() => virtualizer._willUpdate());
  // What waits to be sent stays last when others' messages come before it. To the virtualizer only a new last row is an
  // append; it would hold the first row in view and let the end slip away.
  const firstKey = count > 0 ? keyOf(0) : null;
  const before = useRef({ count, firstKey });
  useLayoutEffect(() => {
    const grew = count > before.current.count && firstKey === before.current.firstKey;
    before.current = { count, firstKey };
    if (grew && wasAtEnd) virtualizer.scrollToEnd();
  });
  return virtualizer;
}

/** The indexes near the view, and those of rows that stay drawn. */
function withKept(near: number[], keys: readonly string[], count: number, keyOf: (index: number) => string): number[] {
  if (keys.length === 0) return near;
  const wanted = new Set(keys);
  const indexes = new Set(near);
  for (let index = 0; index < count; index++) if (wanted.has(keyOf(index))) indexes.add(index);
  return [...indexes].sort((one, other) => one - other);
}

/** The value of the drawing before this one. */
function useBefore<T>(value: T): T {
  const before = useRef(value);
  const answer = before.current;
  useLayoutEffect(() => void (before.current = value));
  return answer;
}
