import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";

import { placeBeside } from "./floating";
import styles from "./Tooltip.module.css";

interface TooltipProps {
  text: string;
  /** The text only repeats the child's own name, so screen readers need not hear it twice. */
  isName?: boolean;
  children: ComponentChildren;
}

/** A pointer on its way past asks for nothing. */
const PAUSE_MS = 400;

/**
 * A word about one focusable child, shown when the pointer rests there and on keyboard focus, put away with Esc. Above the
 * child: what is read, and what comes next, stands below.
 */
export function Tooltip({ text, isName = false, children }: TooltipProps) {
  const id = useId();
  const anchor = useRef<HTMLSpanElement>(null);
  const bubble = useRef<HTMLSpanElement>(null);
  const [open, setOpen] = useState(false);

  useLayoutEffect(() => {
    if (!open) return;
    // Never at once: the focus may come here in the middle of another popover's opening or closing.
    const timer = setTimeout(() => {
      if (!bubble.current || !anchor.current) return;
      bubble.current.showPopover();
      placeBeside(bubble.current, anchor.current, "center", "above");
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [open]);

  return (
    <span
      ref={anchor}
      class={styles.anchor}
      aria-describedby={open && !isName ? id : undefined}
      onPointerEnter={(event) => setOpen(event.pointerType === "mouse")}
      onPointerLeave={() => setOpen(false)}
      onFocusIn={(event) => setOpen(event.target instanceof Element && event.target.matches(":focus-visible"))}
      onFocusOut={() => setOpen(false)}
      onPointerDown={() => setOpen(false)}
      onKeyDown={(event) => {
        if (event.key === "Escape") setOpen(false);
      }}
    >
      {children}
      {open && (
        <span ref={bubble} id={id} role="tooltip" aria-hidden={isName} popover="manual" class={styles.bubble}>
          {text}
        </span>
      )}
    </span>
  );
}
