import type { ReadonlySignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import type { Span } from "./useVirtual";

/** Fewer rows than this above or below the view: more are fetched. */
const NEAR_ROWS = 6;

/** What is loaded of a list, and how there comes to be more of it. */
export interface Growing {
  readonly hasOlder: ReadonlySignal<boolean>;
  /** Left out where the end is always loaded. */
  readonly hasNewer?: ReadonlySignal<boolean>;
  readonly loading: ReadonlySignal<boolean>;
  /** Why the last page did not come; null when it did, or when somebody tries again. */
  readonly trouble: ReadonlySignal<unknown>;
  loadOlder(): Promise<unknown>;
  loadNewer?(): Promise<unknown>;
}

interface Options {
  history: Growing;
  items: readonly unknown[];
  /** Those that are drawn. */
  span: Span;
  /** Nothing is fetched while a place is being found. */
  isPlaced: { readonly current: boolean };
  isSettled: boolean;
}

/**
 * Loads more of the past or the present when one comes near the end of what is there: one page at a time, and none after
 * a failure until somebody tries again. Answers whether one is near the start, and something older is on its way.
 */
export function useGrow({ history, items, span, isPlaced, isSettled }: Options): boolean {
  const hasOlder = history.hasOlder.value;
  const hasNewer = history.hasNewer?.value === true;
  const { first, last } = span;
  // Asked again when a page has come: who has reached the top meanwhile, or is still there, waits for the next one.
  const isLoading = history.loading.value;

  useEffect(() => {
    if (!isSettled || !isPlaced.current || isLoading || history.trouble.peek() !== null) return;
    const load =
      hasOlder && first < NEAR_ROWS
        ? () => history.loadOlder()
        : hasNewer && last > items.length - NEAR_ROWS
          ? () => history.loadNewer?.()
          : null;
    void load?.()?.catch(() => undefined);
  }, [isLoading, isSettled, isPlaced, first, last, hasOlder, hasNewer, items, history]);

  return hasOlder && first < NEAR_ROWS;
}
