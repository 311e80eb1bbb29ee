import type { ComponentChildren } from "preact";

import styles from "./EmptyState.module.css";
import { Icon } from "./Icon";
import type { IconName } from "./Icon";

interface EmptyStateProps {
  icon: IconName;
  title: string;
  /** The way on: usually a Button. */
  action?: ComponentChildren;
  children?: ComponentChildren;
}

export function EmptyState({ icon, title, action, children }: EmptyStateProps) {
  return (
    <section class={styles.empty}>
      <Icon name={icon} size="l" />
      <h2>{title}</h2>
      {children && <p class={styles.text}>{children}</p>}
      {action}
    </section>
  );
}
