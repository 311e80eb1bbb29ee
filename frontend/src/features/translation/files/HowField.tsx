import { useResource } from "@/lib/resource";

import { FormalityField } from "../FormalityField";
import { listServices } from "../model/api";
import type { Wanted } from "../model/sending";
import page from "../page.module.css";
import { InstructionsField, ModelField } from "../Wishes";
import styles from "./files.module.css";
import { t } from "./words";

/** What few want to say of a file: closed until somebody does, so that nothing below it moves. */
export function HowField({ wanted, onChange }: { wanted: Wanted; onChange: (part: Partial<Wanted>) => void }) {
  const services = useResource(listServices);
  const on = (services.data ?? []).filter(({ is_on: isOn }) => isOn);
  return (
    <details class={styles.how}>
      <summary>{t("how")}</summary>
      <div class={styles.fields}>
        <div class={styles.pair}>
          {on.some(({ formality }) => formality) && <FormalityField value={wanted.formality} onValue={(formality) => onChange({ formality })} />}
          {on.some(({ id }) => id === "llm") && <ModelField value={wanted.model} onValue={(model) => onChange({ model })} />}
        </div>
        {on.some(({ instructions }) => instructions) && (
          <InstructionsField value={wanted.instructions} onValue={(instructions) => onChange({ instructions })} />
        )}
        <p class={page.dim}>{t("howHint")}</p>
      </div>
    </details>
  );
}
