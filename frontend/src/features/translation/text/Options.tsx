import { usePaged } from "@/lib/paged";
import { Select } from "@/ui";

import { listGlossaries } from "../model/api";
import { DETECT, sameLanguage } from "../model/languages";
import type { Formality, TextTranslation } from "../model/text";
import { ServiceChips } from "../ServiceChips";
import type { Glossary, Languages, Service } from "../shapes";
import styles from "./text.module.css";
import { t } from "./words";

interface Props {
  text: TextTranslation;
  services: readonly Service[];
  service: Service;
  offered: Languages | null;
}

/** Who translates, and how. */
export function Options({ text, services, service, offered }: Props) {
  const target = offered?.results.find(({ code }) => code === text.targetLang.value);
  return (
    <section class={styles.options} aria-label={t("options")}>
      <ServiceChips services={services} chosen={service} onChoose={(id) => (text.service.value = id)} />
      <div class={styles.fields}>
        {service.formality && target?.formality === true && <FormalityField text={text} />}
        {service.glossary && <GlossaryField text={text} />}
      </div>
    </section>
  );
}

function FormalityField({ text }: { text: TextTranslation }) {
  return (
    <Select
      label={t("formality")}
      value={text.formality.value}
      options={[
        { value: "", label: t("asItIs") },
        { value: "more", label: t("more") },
        { value: "less", label: t("less") },
      ]}
      onValue={(value) => (text.formality.value = value as Formality)}
    />
  );
}

/** Those of the pair; one has to be of these very languages. */
function GlossaryField({ text }: { text: TextTranslation }) {
  const glossaries = usePaged(listGlossaries);
  const source = text.sourceLang.value;
  const target = text.targetLang.value;
  const fits = (one: Glossary) => sameLanguage(one.target_lang, target) && (source === DETECT || sameLanguage(one.source_lang, source));
  const fitting = (glossaries.data ?? []).filter(fits);
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
      value={fitting.some(({ id }) => id === text.glossary.value) ? text.glossary.value : ""}
      options={[{ value: "", label: t("noGlossary") }, ...fitting.map(({ id, name }) => ({ value: id, label: name }))]}
      onValue={(id) => (text.glossary.value = id)}
    />
  );
}
