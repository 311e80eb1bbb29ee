import type { ComponentChildren } from "preact";

import styles from "./Card.module.css";

export function Card({ title, children }: { title?: string; children: ComponentChildren }) {
  return (
    <section class={styles.card}>
      {title && <h2>{title}</h2>}
      {children}
    </section>
  );
}
