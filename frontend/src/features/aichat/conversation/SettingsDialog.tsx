import { useSignal, type Signal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import { errorText } from "@/lib/errorText";
import { Alert, Button, Dialog, Switch, TextArea, TextField } from "@/ui";

import type { Conversation } from "../model/conversation";
import { effortOf, modelOf } from "../models/choose";
import { effortName } from "../models/words";
import type { Model } from "../shapes";
import { t } from "../words";

const MAX_TEMPERATURE = 2;

/** What holds for every answer of one chat. */
export function SettingsDialog({ conversation, open }: { conversation: Conversation; open: Signal<boolean> }) {
  const prompt = useSignal("");
  const temperature = useSignal("");
  const saving = useSignal(false);
  const error = useSignal<unknown>(null);
  const everything = useSignal(false);
  const model = modelOf(conversation);
  const noTemperature = whyNoTemperature(model, effortOf(conversation, model));
  const isOpen = open.value;

  useEffect(() => {
    if (!isOpen) return;
    const stored = conversation.chat.peek() ?? conversation.plans.peek();
    prompt.value = stored.system_prompt ?? "";
    temperature.value = stored.temperature == null ? "" : String(stored.temperature);
    everything.value = stored.read_everything ?? false;
    error.value = null;
  }, [isOpen, conversation, prompt, temperature, everything, error]);

  const close = () => (open.value = false);
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
      close();
    } catch (reason) {
      error.value = reason;
    } finally {
      saving.value = false;
    }
  };
  const footer = (
    <>
      <Button onClick={close}>{t("cancel")}</Button>
      <Button variant="primary" loading={saving.value} disabled={number === undefined} onClick={save}>
        {t("save")}
      </Button>
    </>
  );
  return (
    <Dialog open={isOpen} onClose={close} title={t("chatSettings")} footer={footer}>
      {error.value !== null && <Alert tone="danger" title={errorText(error.value)} />}
      <TextArea
        label={t("systemPrompt")}
        hint={t("systemPromptHint")}
        value={prompt.value}
        onValue={(value) => (prompt.value = value)}
        rows={5}
      />
      {noTemperature === null ? (
        <TextField
          label={t("temperature")}
          hint={t("temperatureHint")}
          error={number === undefined ? t("temperatureRange") : null}
          value={temperature.value}
          onValue={(value) => (temperature.value = value)}
        />
      ) : (
        <p>{noTemperature}</p>
      )}
      <Switch
        label={t("readEverything")}
        hint={t("readEverythingHint")}
        checked={everything.value}
        onChecked={(checked) => (everything.value = checked)}
      />
    </Dialog>
  );
}

/** Why the model takes no temperature as it is asked now; null when it does. */
function whyNoTemperature(model: Model | undefined, effort: string | null): string | null {
  if (model?.sampling === "no") return t("noTemperature", { model: model.name });
  if (model?.sampling !== "with_none" || effort === "none") return null;
  return t("temperatureWithNone", { model: model.name, effort: effortName("none") });
}

/** null: left to the model. undefined: not a temperature. A comma is a decimal point to half of our readers. */
function parseTemperature(text: string): number | null | undefined {
  const trimmed = text.trim().replace(",", ".");
  if (trimmed === "") return null;
  const number = Number(trimmed);
  return number >= 0 && number <= MAX_TEMPERATURE ? number : undefined;
}
