import { useLayoutEffect, useRef } from "preact/hooks";

import { holdBack } from "@/lib/back";

/**
 * While `open`, the browser's way back calls `onClose` instead of leaving the page.
 *
 * In the layout: who sees a dialog can go back from it at once. In an effect, which comes after the picture, a way back
 * that was quicker closed what lies below and left the dialog standing.
 */
export function useBack(open: boolean, onClose: () => void): void {
  const latest = useRef(onClose);
  latest.current = onClose;
  useLayoutEffect(() => (open ? holdBack(() => latest.current()) : undefined), [open]);
}
