import { useSignal, type Signal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import { errorText } from "@/lib/errorText";
import { Alert, Button, Dialog, TextArea, TextField } from "@/ui";

import { defaultModel, findModel } from "../model/catalogue";
import type { Conversation } from "../model/conversation";
import { t } from "../words";

const MAX_TEMPERATURE = 2;

/** What holds for every answer of one chat. */
export function SettingsDialog({ conversation, open }: { conversation: Conversation; open: Signal<boolean> }) {
  const prompt = useSignal("");
  const temperature = useSignal("");
  const saving = useSignal(false);
  const error = useSignal<unknown>(null);
  const model = findModel(conversation.model.value) ?? defaultModel();
  const allowsTemperature = model?.parameters.includes("temperature") ?? true;
  const isOpen = open.value;

  useEffect(() => {
    if (!isOpen) return;
    const stored = conversation.chat.peek() ?? conversation.plans.peek();
    prompt.value = stored.system_prompt ?? "";
    temperature.value = stored.temperature == null ? "" : String(stored.temperature);
    error.value = null;
  }, [isOpen, conversation, prompt, temperature, error]);

  const close = () => (open.value = false);
  const number = parseTemperature(temperature.value);
  const save = async () => {
    if (number === undefined) return;
    saving.value = true;
    try {
      await conversation.change({
        system_prompt: prompt.value.trim(),
        ...(allowsTemperature && { temperature: number }),
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
      {allowsTemperature ? (
        <TextField
          label={t("temperature")}
          hint={t("temperatureHint")}
          error={number === undefined ? t("temperatureRange") : null}
          value={temperature.value}
          onValue={(value) => (temperature.value = value)}
        />
      ) : (
        <p>{t("noTemperature", { model: model?.name ?? "" })}</p>
      )}
    </Dialog>
  );
}

/** null: left to the model. undefined: not a temperature. A comma is a decimal point to half of our readers. */
function parseTemperature(text: string): number | null | undefined {
  const trimmed = text.trim().replace(",", ".");
  if (trimmed === "") return null;
  const number = Number(trimmed);
  return number >= 0 && number <= MAX_TEMPERATURE ? number : undefined;
}
