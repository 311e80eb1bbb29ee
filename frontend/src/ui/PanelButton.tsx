import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";

import { placeBeside } from "./floating";
import menuStyles from "./Menu.module.css";
import styles from "./PanelButton.module.css";
import { isAtLeast } from "./screen";
import { WordedTrigger } from "./WordedTrigger";

interface Props {
  /** Name of the button and of what it opens. */
  label: string;
  /** Words on the button. */
  trigger: ComponentChildren;
  /** Somebody is about to open it: the time to fetch what it shows. */
  onApproach?: () => void;
  /** Drawn while it is open. */
  children: (close: () => void) => ComponentChildren;
}

/**
 * A button that opens a panel beside it, or on a phone a sheet at the foot of the screen. Esc and a press beside it
 * close it, and the focus comes back. Its height does not follow what it shows, so a search in it moves nothing.
 */
export function PanelButton({ label, trigger, onApproach, children }: Props) {
  const id = useId();
  const anchor = useRef<HTMLSpanElement>(null);
  const panel = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState(false);

  useLayoutEffect(() => {
    if (!open || panel.current === null || anchor.current === null) return;
    // On a phone the style sheet puts it at the foot of the screen, wherever it stood before the window became one.
    panel.current.removeAttribute("style");
    if (isAtLeast("popover")) placeBeside(panel.current, anchor.current, "start");
  }, [open]);

  return (
    <span ref={anchor} class={menuStyles.anchor}>
      <WordedTrigger label={label} opens="dialog" target={id} isOpen={open} {...(onApproach && { onApproach })}>
        {trigger}
      </WordedTrigger>
      <div
        ref={panel}
        id={id}
        role="dialog"
        aria-label={label}
        popover="auto"
        class={styles.panel}
        onToggle={(event) => setOpen(event.newState === "open")}
        // The page's own keys rest while it is open.
        onKeyDown={(event) => event.stopPropagation()}
      >
        {open && children(() => panel.current?.hidePopover())}
      </div>
    </span>
  );
}
