import { classes } from "@/ui";

import type { Delivery } from "../model";
import styles from "./bubble.module.css";
import { t } from "./words";

/** Two hand-drawn ticks; the second one stands for somebody who has read it. */
const DRAWINGS: Record<Delivery["state"], string> = {
  sending: "M8 2v6l4 2M8 1a7 7 0 1 0 0 14 7 7 0 0 0 0-14z",
  sent: "M2 9l4 4L14 3",
  delivered: "M1 9l4 4 8-10M8 11l2 2L19 3",
  read: "M1 9l4 4 8-10M8 11l2 2L19 3",
  failed: "M8 2v8M8 13v1",
};

export function Ticks({ delivery }: { delivery: Delivery }) {
  const { state } = delivery;
  return (
    <span class={classes(styles.ticks, styles[`tick_${state}`])} role="img" aria-label={t(state)} title={t(state)}>
      <svg viewBox="0 0 20 16" aria-hidden="true">
        <path d={DRAWINGS[state]} />
      </svg>
    </span>
  );
}
