import type { ComponentChildren } from "preact";

import { Icon } from "./Icon";
import styles from "./Menu.module.css";

interface Props {
  /** Its name, which whoever speaks to the page hears before the words. */
  label: string;
  opens: "menu" | "dialog";
  /** The id of the popover that it opens. */
  target: string;
  isOpen: boolean;
  /** Somebody is about to open it. */
  onApproach?: () => void;
  children: ComponentChildren;
}

/** A button with words that opens what lies over the page. */
export function WordedTrigger({ label, opens, target, isOpen, onApproach, children }: Props) {
  return (
    <button
      type="button"
      class={styles.trigger}
      aria-haspopup={opens}
      aria-expanded={isOpen}
      popovertarget={target}
      onPointerEnter={onApproach}
      onFocus={onApproach}
    >
      {/* Whoever speaks to the page says what they see, so the name holds the words. */}
      <span class="visually-hidden">{label}</span>
      {children}
      <Icon name="down" size="s" />
    </button>
  );
}
