import { useCallback, useEffect, useState } from "preact/hooks";

import type { ListVirtualizer } from "./useVirtual";

const LIT_MS = 2500;
/** A jump finds its place within this; rows that come in between would put it beside the mark. */
const SETTLE_MS = 400;

interface Place<Mark> {
  /** False for a moment after each jump: nothing may be put above or below meanwhile. */
  isSettled: boolean;
  /** What is lit up for a moment, because somebody asked to see it. */
  lit: Mark | null;
  /** Bring a row to the middle of the view and light it. */
  show: (index: number, mark: Mark) => void;
  /** The place is about to change. */
  unsettle: () => void;
}

/** Where a windowed list looks, by somebody's wish. */
export function usePlace<Mark>(virtualizer: ListVirtualizer): Place<Mark> {
  const [lit, light] = useLit<Mark>();
  const [isSettled, unsettle] = useSettled();
  const show = useCallback(
    (index: number, mark: Mark) => {
      virtualizer.scrollToIndex(index, { align: "center" });
      light(mark);
      unsettle();
    },
    [virtualizer, light, unsettle],
  );
  return { isSettled, lit, show, unsettle };
}

function useLit<Mark>(): [Mark | null, (mark: Mark) => void] {
  const [lit, setLit] = useState<{ mark: Mark } | null>(null);
  useEffect(() => {
    if (lit === null) return;
    const timer = setTimeout(() => setLit(null), LIT_MS);
    return () => clearTimeout(timer);
  }, [lit]);
  return [lit?.mark ?? null, useCallback((mark: Mark) => setLit({ mark }), [])];
}

/** False for a while after each call of the function beside it, and after the first drawing. */
function useSettled(): [boolean, () => void] {
  const [moves, setMoves] = useState(0);
  const [settled, setSettled] = useState(-1);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(moves), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [moves]);
  return [settled === moves, useCallback(() => setMoves((count) => count + 1), [])];
}
