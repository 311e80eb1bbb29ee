import { FormalityField } from "../FormalityField";
import { GlossaryField } from "../GlossaryField";
import type { TextTranslation } from "../model/text";
import { ServiceChips } from "../ServiceChips";
import type { Languages, Service } from "../shapes";
import { InstructionsField, ModelField } from "../Wishes";
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
        {service.id === "llm" && <ModelField value={text.model.value} onValue={(id) => (text.model.value = id)} />}
        {service.formality && target?.formality === true && <FormalityField value={text.formality.value} onValue={(one) => (text.formality.value = one)} />}
        {service.glossary && (
          <GlossaryField
            source={text.sourceLang.value}
            target={text.targetLang.value}
            value={text.glossary.value}
            onValue={(id) => (text.glossary.value = id)}
          />
        )}
      </div>
      {service.instructions && <InstructionsField value={text.instructions.value} onValue={(said) => (text.instructions.value = said)} />}
    </section>
  );
}
