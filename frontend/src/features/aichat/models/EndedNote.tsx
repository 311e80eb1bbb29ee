import { useSignal } from "@preact/signals";

import { errorText } from "@/lib/errorText";
import { Button, toast } from "@/ui";

import type { Conversation } from "../model/conversation";
import { day } from "../day";
import { ModelButton, useChosen } from "./ModelButton";
import styles from "./models.module.css";
import { t } from "./noteWords";

/** Above the field of a chat whose model its maker has switched off: what can be gone on with. */
export function EndedNote({ conversation }: { conversation: Conversation }) {
  const busy = useSignal(false);
  const chosen = useChosen();
  const end = conversation.chat.value?.model_end;
  if (end?.ended !== true) return null;
  const { name, until, successor, successor_name: heir, note } = end;

  const goOn = async (model: string) => {
    busy.value = true;
    try {
      await conversation.change({ model, effort: null });
    } catch (error) {
      toast(errorText(error), { tone: "danger" });
    } finally {
      busy.value = false;
    }
  };
  return (
    <div class={styles.note} role="status">
      <p>
        {t("endedText", { name, date: day(until) })} {successor === null ? t("endedChoose") : t("endedAsk", { successor: heir ?? successor })} {note}
      </p>
      <div class={styles.noteWays}>
        {successor !== null && (
          <Button loading={busy.value} onClick={() => goOn(successor)}>
            {t("goOn")}
          </Button>
        )}
        <ModelButton conversation={conversation} chosen={chosen} label={t("chooseOther")} trigger={t("choose")} />
      </div>
    </div>
  );
}
