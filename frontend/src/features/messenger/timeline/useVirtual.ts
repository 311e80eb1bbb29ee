import { elementScroll, observeElementOffset, observeElementRect, Virtualizer } from "@tanstack/virtual-core";
import type { RefObject } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";

export type TimelineVirtualizer = Virtualizer<HTMLDivElement, HTMLElement>;

interface Options {
  scroller: RefObject<HTMLDivElement | null>;
  count: number;
  keyOf: (index: number) => string;
  estimate: (index: number) => number;
  /** Nearer to the end than this counts as being there: what comes then is followed. */
  endThreshold: number;
  /** Whether what comes at the end is followed at all: not what was only loaded there. */
  follow: boolean;
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
export function useVirtual({ scroller, count, keyOf, estimate, endThreshold, follow }: Options): TimelineVirtualizer {
  const [, redraw] = useState(0);
  const options = {
    count,
    getScrollElement: () => scroller.current,
    getItemKey: keyOf,
    estimateSize: estimate,
    overscan: 8,
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
  const [virtualizer] = useState(() => new Virtualizer<HTMLDivElement, HTMLElement>(options));
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
