import type { ComponentChildren } from "preact";

import { classes } from "./classes";
import styles from "./List.module.css";

export function List({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    <ul class={styles.list} aria-label={label}>
      {children}
    </ul>
  );
}

interface ListItemProps {
  /** Makes the text of the row a link; the actions stay beside it. */
  href?: string;
  /** The link is followed. */
  onOpen?: () => void;
  current?: boolean;
  actions?: ComponentChildren;
  children: ComponentChildren;
}

export function ListItem({ href, onOpen, current = false, actions, children }: ListItemProps) {
  return (
    <li class={classes(styles.item, current && styles.current)}>
      {href === undefined ? (
        <div class={styles.text}>{children}</div>
      ) : (
        <a
          class={classes(styles.text, styles.link)}
          href={href}
          aria-current={current ? "page" : undefined}
          {...(onOpen && { onClick: onOpen })}
        >
          {children}
        </a>
      )}
      {actions && <div class={styles.actions}>{actions}</div>}
    </li>
  );
}
