import type { Signal } from "@preact/signals";

import { Dialog, MODIFIER } from "@/ui";

import styles from "./chat.module.css";
import { t } from "./words";

export function HelpDialog({ open }: { open: Signal<boolean> }) {
  const keys: [string, string][] = [
    [`${MODIFIER} + K`, t("keySearch")],
    [`${MODIFIER} + Shift + O`, t("keyNew")],
    ["Enter", t("keySend")],
    ["Shift + Enter", t("keyNewline")],
    ["Esc", t("keyStop")],
    ["↑", t("keyEdit")],
    ["/", t("keyFocus")],
    ["?", t("keyHelp")],
  ];
  return (
    <Dialog open={open.value} onClose={() => (open.value = false)} title={t("help")}>
      <dl class={styles.keys}>
        {keys.map(([key, meaning]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
