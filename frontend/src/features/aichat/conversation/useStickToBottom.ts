import { useSignal, type Signal } from "@preact/signals";
import { useCallback, useEffect, useRef } from "preact/hooks";
import type { RefObject } from "preact";

/** Closer to the end than this counts as being there. */
const NEAR_PX = 48;

interface Stick {
  readonly atBottom: Signal<boolean>;
  readonly toBottom: () => void;
}

/**
 * Keep the end in sight while the content grows, for as long as the reader is at the end. Scrolling up lets go; coming
 * back to the end holds on again.
 */
export function useStickToBottom(
  scroller: RefObject<HTMLElement | null>,
  content: RefObject<HTMLElement | null>,
): Stick {
  const atBottom = useSignal(true);
  const lastTop = useRef(0);

  const toBottom = useCallback(() => {
    atBottom.value = true;
    scroller.current?.scrollTo({ top: scroller.current.scrollHeight });
  }, [atBottom, scroller]);

  useEffect(() => {
    const view = scroller.current;
    if (view === null || content.current === null) return;
    const onScroll = () => {
      const fromEnd = view.scrollHeight - view.scrollTop - view.clientHeight;
      // Content that grew also moves the end away; only a scroll upwards is the reader's will.
      if (fromEnd <= NEAR_PX) atBottom.value = true;
      else if (view.scrollTop < lastTop.current) atBottom.value = false;
      lastTop.current = view.scrollTop;
    };
    // Told after layout, so following costs no layout of its own.
    const sizes = new ResizeObserver(() => {
      if (atBottom.peek()) view.scrollTop = view.scrollHeight;
    });
    sizes.observe(content.current);
    sizes.observe(view);
    view.addEventListener("scroll", onScroll, { passive: true });
    return () => {
      sizes.disconnect();
      view.removeEventListener("scroll", onScroll);
    };
  }, [scroller, content, atBottom]);

  return { atBottom, toBottom };
}
