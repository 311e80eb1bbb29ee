import { Badge } from "@/ui";

import { shortDay } from "../day";
import type { Conversation } from "../model/conversation";
import { currentOf, ModelButton, useChosen } from "./ModelButton";
import styles from "./models.module.css";
import { t } from "./words";

/** Who answers: a button with the name of the model, and the menu behind it. */
export function ModelMenu({ conversation }: { conversation: Conversation }) {
  const chosen = useChosen();
  const current = currentOf(conversation, chosen);
  if (current === undefined) return null;
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
      <ModelButton conversation={conversation} chosen={chosen} label={t("model", { name })} trigger={trigger} />
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
