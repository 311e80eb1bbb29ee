import type { ComponentChildren } from "preact";

import styles from "./Badge.module.css";
import { classes } from "./classes";
import { toneClass } from "./tone";
import type { Tone } from "./tone";

export function Badge({ tone = "plain", children }: { tone?: Tone; children: ComponentChildren }) {
  return <span class={classes(styles.badge, toneClass(tone))}>{children}</span>;
}
