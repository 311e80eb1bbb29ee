import { useSignal } from "@preact/signals";

import { errorText } from "@/lib/errorText";
import { Alert, Button, Dialog, Switch, TextArea, TextField } from "@/ui";

import type { Conversation } from "../model/conversation";
import { effortOf, modelOf } from "../models/choose";
import { effortName } from "../models/words";
import type { Model } from "../shapes";
import { t } from "../words";
import { t as says } from "./settingsWords";

const MAX_TEMPERATURE = 2;

/** What holds for every answer of one chat. */
export function SettingsDialog({ conversation, onClose }: { conversation: Conversation; onClose: () => void }) {
  const stored = conversation.chat.peek() ?? conversation.plans.peek();
  const prompt = useSignal(stored.system_prompt ?? "");
  const temperature = useSignal(stored.temperature == null ? "" : String(stored.temperature));
  const everything = useSignal(stored.read_everything ?? false);
  const saving = useSignal(false);
  const error = useSignal<unknown>(null);
  const model = modelOf(conversation);
  const noTemperature = whyNoTemperature(model, effortOf(conversation, model));

  const number = parseTemperature(temperature.value);
  const save = async () => {
    if (number === undefined) return;
    saving.value = true;
    try {
      await conversation.change({
        system_prompt: prompt.value.trim(),
        // What was set once stays, for the model that takes it.
        ...(noTemperature === null && { temperature: number }),
        read_everything: everything.value,
      });
      onClose();
    } catch (reason) {
      error.value = reason;
    } finally {
      saving.value = false;
    }
  };
  const footer = (
    <>
      <Button onClick={onClose}>{t("cancel")}</Button>
      <Button variant="primary" loading={saving.value} disabled={number === undefined} onClick={save}>
        {t("save")}
      </Button>
    </>
  );
  return (
    <Dialog open onClose={onClose} title={t("chatSettings")} footer={footer}>
      {error.value !== null && <Alert tone="danger" title={errorText(error.value)} />}
      <TextArea
        label={says("systemPrompt")}
        hint={says("systemPromptHint")}
        value={prompt.value}
        onValue={(value) => (prompt.value = value)}
        rows={5}
      />
      {noTemperature === null ? (
        <TextField
          label={says("temperature")}
          hint={says("temperatureHint")}
          error={number === undefined ? says("temperatureRange") : null}
          value={temperature.value}
          onValue={(value) => (temperature.value = value)}
        />
      ) : (
        <p>{noTemperature}</p>
      )}
      <Switch
        label={says("readEverything")}
        hint={says("readEverythingHint")}
        checked={everything.value}
        onChecked={(checked) => (everything.value = checked)}
      />
    </Dialog>
  );
}

/** Why the model takes no temperature as it is asked now; null when it does. */
function whyNoTemperature(model: Model | undefined, effort: string | null): string | null {
  if (model?.sampling === "no") return says("noTemperature", { model: model.name });
  if (model?.sampling !== "with_none" || effort === "none") return null;
  return says("temperatureWithNone", { model: model.name, effort: effortName("none") });
}

/** null: left to the model. undefined: not a temperature. A comma is a decimal point to half of our readers. */
function parseTemperature(text: string): number | null | undefined {
  const trimmed = text.trim().replace(",", ".");
  if (trimmed === "") return null;
  const number = Number(trimmed);
  return number >= 0 && number <= MAX_TEMPERATURE ? number : undefined;
}
