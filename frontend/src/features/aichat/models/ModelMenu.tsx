import { useSignal } from "@preact/signals";

import { errorText } from "@/lib/errorText";
import { Badge, lazily, PanelButton, toast } from "@/ui";

import { shortDay } from "../day";
import { findModel } from "../model/catalogue";
import type { Conversation } from "../model/conversation";
import type { Model } from "../shapes";
import { chooseModel, modelOf } from "./choose";
import styles from "./models.module.css";
import { t } from "./words";

const loadPanel = async () => (await import("./ModelPanel")).ModelPanel;
const ModelPanel = lazily(loadPanel);

/** Who answers: a button with the name of the model, and the menu behind it. */
export function ModelMenu({ conversation }: { conversation: Conversation }) {
  /** Shown while the server is told. */
  const chosen = useSignal<string | null>(null);
  const current = findModel(chosen.value ?? undefined) ?? modelOf(conversation);
  if (current === undefined) return null;

  const choose = async (model: Model) => {
    chosen.value = model.id;
    try {
      await chooseModel(conversation, model);
    } catch (error) {
      toast(errorText(error), { tone: "danger" });
    } finally {
      chosen.value = null;
    }
  };
  const name = endedName(conversation) ?? current.name;
  const trigger = (
    <span class={styles.modelName}>
      <span class={styles.clipped}>{name}</span>
      {current.is_demo && <Badge tone="pink">{t("demo")}</Badge>}
      <Ends conversation={conversation} />
    </span>
  );
  return (
    <span class={styles.model}>
      <PanelButton
        label={t("model", { name })}
        trigger={trigger}
        onApproach={() => void loadPanel().catch(() => undefined)}
      >
        {(close) => (
          <ModelPanel
            current={current.id}
            isNewChat={conversation.chat.value === null}
            onChoose={(model) => {
              close();
              void choose(model);
            }}
          />
        )}
      </PanelButton>
    </span>
  );
}

/** A chat may be of a model that nobody offers any more. */
function endedName(conversation: Conversation): string | null {
  const end = conversation.chat.value?.model_end;
  return end?.ended === true ? end.name : null;
}

function Ends({ conversation }: { conversation: Conversation }) {
  const end = conversation.chat.value?.model_end;
  if (end == null) return null;
  return <Badge tone="gold">{t("ends", { date: shortDay(end.until) })}</Badge>;
}
