import { useEffect } from "preact/hooks";

import { usePaged } from "@/lib/paged";
import { Select } from "@/ui";

import { listGlossaries } from "./model/api";
import { DETECT, sameLanguage } from "./model/languages";
import styles from "./page.module.css";
import type { Glossary } from "./shapes";
import { t } from "./words";

interface Props {
  source: string;
  target: string;
  /** An id; empty for none. */
  value: string;
  onValue: (id: string) => void;
}

/** The glossaries of a pair: one has to be of these very languages. */
export function GlossaryField({ source, target, value, onValue }: Props) {
  const glossaries = usePaged(listGlossaries);
  const fits = (one: Glossary) => sameLanguage(one.target_lang, target) && (source === DETECT || sameLanguage(one.source_lang, source));
  const fitting = (glossaries.data ?? []).filter(fits);
  const isOffered = fitting.some(({ id }) => id === value);

  useEffect(() => {
    if (glossaries.data !== null && value !== "" && !isOffered) onValue("");
  }, [glossaries.data, value, isOffered, onValue]);

  if (fitting.length === 0) {
    return (
      <p class={styles.dim}>
        {t("noGlossaryYet")} <a href="/app/translate/glossaries">{t("makeGlossary")}</a>
      </p>
    );
  }
  return (
    <Select
      label={t("glossary")}
      value={isOffered ? value : ""}
      options={[{ value: "", label: t("noGlossary") }, ...fitting.map(({ id, name }) => ({ value: id, label: name }))]}
      onValue={onValue}
    />
  );
}
