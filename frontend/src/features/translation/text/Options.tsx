import { Select } from "@/ui";

import { GlossaryField } from "../GlossaryField";
import type { Formality, TextTranslation } from "../model/text";
import { ServiceChips } from "../ServiceChips";
import type { Languages, Service } from "../shapes";
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
        {service.glossary && (
          <GlossaryField
            source={text.sourceLang.value}
            target={text.targetLang.value}
            value={text.glossary.value}
            onValue={(id) => (text.glossary.value = id)}
          />
        )}
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
