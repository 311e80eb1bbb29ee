import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";

import { classes } from "./classes";
import { placeBeside } from "./floating";
import { Icon } from "./Icon";
import type { IconName } from "./Icon";
import { IconButton } from "./IconButton";
import styles from "./Menu.module.css";
import { WordedTrigger } from "./WordedTrigger";

export interface MenuItem {
  label: string;
  icon?: IconName;
  onSelect: () => void;
  danger?: boolean;
  disabled?: boolean;
  /** Makes the items a choice of one; the chosen one is marked. */
  checked?: boolean;
  /** The key that does the same. */
  hint?: string;
  /** A second, quieter line. */
  detail?: ComponentChildren;
}

interface MenuProps {
  /** Name of the button that opens it. */
  label: string;
  icon?: IconName;
  /** Words on the button in place of the icon. */
  trigger?: ComponentChildren;
  items: readonly MenuItem[];
}

const STEPS: Partial<Record<string, (index: number, count: number) => number>> = {
  ArrowDown: (index, count) => (index + 1) % count,
  ArrowUp: (index, count) => (index - 1 + count) % count,
  Home: () => 0,
  End: (_, count) => count - 1,
};

/** A button with a list of actions: arrows, Home and End move, Esc and Tab leave, the focus comes back. */
export function Menu({ label, icon = "more", trigger, items }: MenuProps) {
  const id = useId();
  const anchor = useRef<HTMLSpanElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState(false);
  const hasWords = trigger !== undefined;

  const entries = () => [...(list.current?.querySelectorAll<HTMLElement>("[role^=menuitem]:not(:disabled)") ?? [])];

  useLayoutEffect(() => {
    if (!open || !list.current || !anchor.current) return;
    placeBeside(list.current, anchor.current, hasWords ? "start" : "end");
    const all = entries();
    (all.find((entry) => entry.ariaChecked === "true") ?? all[0])?.focus();
  }, [open, hasWords]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Tab") list.current?.hidePopover();
    const step = STEPS[event.key];
    const all = entries();
    if (!step || all.length === 0) return;
    event.preventDefault();
    const focused = all.findIndex((entry) => entry === document.activeElement);
    all[step(focused, all.length)]?.focus();
  };

  const choose = (item: MenuItem) => {
    list.current?.hidePopover();
    item.onSelect();
  };

  return (
    <span ref={anchor} class={styles.anchor}>
      {!hasWords ? (
        <IconButton icon={icon} label={label} aria-haspopup="menu" aria-expanded={open} popovertarget={id} />
      ) : (
        <WordedTrigger label={label} opens="menu" target={id} isOpen={open}>
          {trigger}
        </WordedTrigger>
      )}
      <div
        ref={list}
        id={id}
        role="menu"
        aria-label={label}
        popover="auto"
        class={styles.list}
        onToggle={(event) => setOpen(event.newState === "open")}
        onKeyDown={onKeyDown}
      >
        {/* A page may hold hundreds of closed menus; they cost a box each. */}
        {open &&
          items.map((item) => (
            <button
              key={item.label}
              type="button"
              role={item.checked === undefined ? "menuitem" : "menuitemradio"}
              {...(item.checked !== undefined && { "aria-checked": item.checked })}
              tabIndex={-1}
              disabled={item.disabled ?? false}
              class={classes(styles.item, item.danger && styles.danger)}
              onClick={() => choose(item)}
            >
              {item.icon && <Icon name={item.icon} />}
              <span class={styles.words}>
                {item.label}
                {item.detail !== undefined && <span class={styles.detail}>{item.detail}</span>}
              </span>
              {item.hint !== undefined && <kbd class={styles.hint}>{item.hint}</kbd>}
            </button>
          ))}
      </div>
    </span>
  );
}
