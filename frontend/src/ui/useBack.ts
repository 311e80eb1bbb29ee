import { useEffect, useRef } from "preact/hooks";

import { holdBack } from "@/lib/back";

/** While `open`, the browser's way back calls `onClose` instead of leaving the page. */
export function useBack(open: boolean, onClose: () => void): void {
  const latest = useRef(onClose);
  latest.current = onClose;
  useEffect(() => (open ? holdBack(() => latest.current()) : undefined), [open]);
}
