import { Select } from "@/ui";

import type { Formality } from "./model/text";
import { t } from "./words";

/** How the reader is addressed, where the language has more than one way. */
export function FormalityField({ value, onValue }: { value: Formality; onValue: (value: Formality) => void }) {
  return (
    <Select
      label={t("formality")}
      value={value}
      options={[
        { value: "", label: t("asItIs") },
        { value: "more", label: t("more") },
        { value: "less", label: t("less") },
      ]}
      onValue={(chosen) => onValue(chosen as Formality)}
    />
  );
}
