import { classes } from "./classes";
import styles from "./ProgressBar.module.css";
import { toneClass } from "./tone";
import type { Tone } from "./tone";

interface ProgressBarProps {
  value: number;
  max: number;
  /** Its name; shown to screen readers, so say in words beside it what the bar shows. */
  label: string;
  tone?: Exclude<Tone, "plain">;
}

export function ProgressBar({ value, max, label, tone = "gold" }: ProgressBarProps) {
  return (
    <progress class={classes(styles.progress, toneClass(tone))} aria-label={label} value={Math.min(value, max)} max={max} />
  );
}
