import { Alert } from "@/ui";

import styles from "./files.module.css";
import { warningText } from "./warningWords";
import { t } from "./words";

/** What one should know of a file before it is translated, and of its translation after. */
export function Warnings({ codes }: { codes: readonly string[] }) {
  if (codes.length === 0) return null;
  return (
    <Alert tone="warning" title={t("warnings")}>
      <ul class={styles.reasons}>
        {codes.map((code) => (
          <li key={code}>{warningText(code)}</li>
        ))}
      </ul>
    </Alert>
  );
}
