import { useSignal } from "@preact/signals";

import { errorText } from "@/lib/errorText";
import { Button, toast } from "@/ui";

import { models } from "../model/catalogue";
import type { Conversation } from "../model/conversation";
import type { Model } from "../shapes";
import { chooseModel, modelOf } from "./choose";
import { kept } from "./kept";
import styles from "./models.module.css";
import { t } from "./noteWords";
import { shortList } from "./sections";

const OFFERED = 2;

interface Props {
  conversation: Conversation;
}

/** Above the field of a question with pictures, before anything is sent: the model that was chosen sees no pictures, and these do. */
export function BlindNote({ conversation }: Props) {
  const busy = useSignal(false);
  const model = modelOf(conversation);
  if (model === undefined || model.sees.includes("image")) return null;
  const seeing = shortList(models.value.filter(({ sees }) => sees.includes("image")), kept.value, OFFERED);
  const ask = async (other: Model) => {
    busy.value = true;
    try {
      await chooseModel(conversation, other);
    } catch (error) {
      toast(errorText(error), { tone: "danger" });
    } finally {
      busy.value = false;
    }
  };
  return (
    <div class={styles.note} role="status">
      <p>{t(seeing.length > 0 ? "blind" : "allBlind", { model: model.name })}</p>
      <div class={styles.noteWays}>
        {seeing.map((other) => (
          <Button key={other.id} loading={busy.value} onClick={() => ask(other)}>
            {t("askSeeing", { model: other.name })}
          </Button>
        ))}
      </div>
    </div>
  );
}
