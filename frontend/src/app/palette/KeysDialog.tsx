import { useEffect, useState } from "preact/hooks";

import { Dialog, MODIFIER } from "@/ui";

import type { Feature, KeyHelp } from "../feature";
import styles from "./palette.module.css";
import { t } from "./words";

/** All keys: those that work everywhere, then each feature's. */
export function KeysDialog({ features, onClose }: { features: readonly Feature[]; onClose: () => void }) {
  const [brought, setBrought] = useState<readonly KeyHelp[]>([]);
  useEffect(() => {
    // One that cannot be loaded is left out; the others help all the same.
    const loads = features.flatMap(({ keys }) => keys?.() ?? []);
    void Promise.allSettled(loads).then((all) =>
      setBrought(all.flatMap((one) => (one.status === "fulfilled" ? one.value.default : []))),
    );
  }, [features]);
  const everywhere: KeyHelp = {
    title: () => t("everywhere"),
    keys: () => [
      [`${MODIFIER} + K`, t("keyPalette")],
      ["?", t("keyHelp")],
      ["Esc", t("keyClose")],
      ["Tab", t("keyTab")],
    ],
  };
  return (
    <Dialog open onClose={onClose} title={t("keys")}>
      {[everywhere, ...brought].map((part) => (
        <section key={part.title()} class={styles.keys} aria-label={part.title()}>
          <h3>{part.title()}</h3>
          <dl>
            {part.keys().map(([key, meaning]) => (
              <div key={key}>
                <dt>
                  <kbd>{key}</kbd>
                </dt>
                <dd>{meaning}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </Dialog>
  );
}
