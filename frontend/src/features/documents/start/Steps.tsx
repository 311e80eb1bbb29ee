import styles from "./start.module.css";
import { t } from "./words";

const STEPS = ["topic", "outline", "start"] as const;
export type Step = (typeof STEPS)[number];

/** Where one is of the three; those that were come to are links. `id` is null before the document is there. */
export function Steps({ current, id, last }: { current: Step; id: string | null; last: Step }) {
  return (
    <nav aria-label={t("steps")}>
      <ol class={styles.steps}>
        {STEPS.map((step, index) => {
          const words = (
            <>
              <span class={styles.count}>{index + 1}</span> {t(`step_${step}`)}
            </>
          );
          const now = step === current ? "step" : undefined;
          return (
            <li key={step}>
              {id !== null && index <= STEPS.indexOf(last) ? (
                <a class={styles.step} href={`/app/documents/${id}/${step}`} aria-current={now}>
                  {words}
                </a>
              ) : (
                <span class={styles.step} aria-current={now}>
                  {words}
                </span>
              )}
            </li>
          );
        })}
      </ol>
    </nav>
  );
}
