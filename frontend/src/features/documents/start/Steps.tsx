import styles from "./start.module.css";
import { t } from "./words";

const STEPS = ["topic", "outline", "start"] as const;
export type Step = (typeof STEPS)[number];

/** Where one is of the three; those that were come to are links. `id` is null before the document is there. */
export function Steps({ current, id, last }: { current: Step; id: string | null; last: Step }) {
  return (
    <nav aria-label={t("steps")}>
      <ol class={styles.steps}>
        {STEPS.map((step, index) => (
          <li key={step}>
            <a
              class={styles.step}
              href={id !== null && index <= STEPS.indexOf(last) ? `/app/documents/${id}/${step}` : undefined}
              aria-current={step === current ? "step" : undefined}
            >
              <span class={styles.count}>{index + 1}</span> {t(`step_${step}`)}
            </a>
          </li>
        ))}
      </ol>
    </nav>
  );
}
