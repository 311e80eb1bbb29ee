import { useSignal } from "@preact/signals";

import { Button, EmptyState, toast } from "@/ui";

import { takeBackStyle } from "../model/api";
import { styleChanges } from "../model/blocks";
import page from "../page.module.css";
import type { Section } from "../shapes";
import { Trouble } from "../Trouble";
import styles from "./desk.module.css";
import { t } from "./words";

interface Props {
  documentId: string;
  section: Section;
  onChanged: (section: Section) => void;
}

/** What the style pass made of each sentence, beside what was written; any of it can be taken back. */
export function StyleDiff({ documentId, section, onChanged }: Props) {
  const { number, content, styled } = section;
  const changes = styleChanges(content, styled);
  const busy = useSignal<number | "all" | null>(null);
  const trouble = useSignal<unknown>(null);
  const takeBack = async (which: number | "all") => {
    busy.value = which;
    trouble.value = null;
    try {
      onChanged(await takeBackStyle(documentId, number, which === "all" ? changes.map(({ index }) => index) : [which]));
      toast(t("tookBack"));
    } catch (error) {
      trouble.value = error;
    }
    busy.value = null;
  };
  return (
    <section class={page.section} aria-labelledby="style">
      <h3 id="style">{t("styleTitle")}</h3>
      <p class={page.dim}>{t("styleHint")}</p>
      {trouble.value !== null && <Trouble title={t("takeBackFailed")} error={trouble.value} />}
      {changes.length === 0 ? (
        <EmptyState icon="check" title={t("styleNone")} />
      ) : (
        <>
          <ol class={styles.changes}>
            {changes.map(({ index, before, after }) => (
              <li key={index} class={styles.change}>
                <div>
                  <p class={styles.sideName}>{t("before")}</p>
                  <p dir="auto">{before.t}</p>
                </div>
                <div>
                  <p class={styles.sideName}>{t("after")}</p>
                  <p dir="auto">{after.t}</p>
                  <Button variant="ghost" icon="reply" loading={busy.value === index} aria-label={t("takeBackOf", { number: index + 1 })} onClick={() => void takeBack(index)}>
                    {t("takeBack")}
                  </Button>
                </div>
              </li>
            ))}
          </ol>
          <div class={page.buttons}>
            <Button icon="reply" loading={busy.value === "all"} onClick={() => void takeBack("all")}>
              {t("takeBackAll")}
            </Button>
          </div>
        </>
      )}
    </section>
  );
}
