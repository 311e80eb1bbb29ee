import styles from "./Skeleton.module.css";
import { t } from "./words";

/** Grey lines where text will be. */
export function Skeleton({ lines = 3, label = t("loading") }: { lines?: number; label?: string }) {
  return (
    <div class={styles.skeleton} role="status" aria-label={label}>
      {Array.from({ length: lines }, (_, line) => (
        <span key={line} class={styles.bone} />
      ))}
    </div>
  );
}
