import { useResource } from "@/lib/resource";
import { limit } from "@/lib/config";
import { Select, TextArea } from "@/ui";

import { listModels } from "./model/api";
import { t } from "./words";

interface Props {
  value: string;
  onValue: (value: string) => void;
}

/** Which model translates; that of the server's choice, unless somebody wants another. */
export function ModelField({ value, onValue }: Props) {
  const { data } = useResource(listModels);
  if (data === null || data.length < 2) return null;
  const isOffered = data.some(({ id, available }) => id === value && available);
  const options = data.map(({ id, name, available }) => ({
    value: id,
    label: available ? name : t("modelNeeds", { name }),
    disabled: !available,
  }));
  return <Select label={t("model")} value={isOffered ? value : ""} options={[{ value: "", label: t("modelBest") }, ...options]} onValue={onValue} />;
}

/** What a service is told beside the text: whom it is for, how it should sound. */
export function InstructionsField({ value, onValue }: Props) {
  const most = limit("translation_instructions");
  return <TextArea label={t("instructions")} hint={t("instructionsHint", { most })} rows={2} maxLength={most} value={value} onValue={onValue} />;
}
