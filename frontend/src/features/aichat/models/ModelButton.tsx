import { useSignal, type Signal } from "@preact/signals";
import type { ComponentChildren } from "preact";

import { errorText } from "@/lib/errorText";
import { lazily, PanelButton, toast } from "@/ui";

import { findModel } from "../model/catalogue";
import type { Conversation } from "../model/conversation";
import type { Model } from "../shapes";
import { chooseModel, modelOf } from "./choose";

const loadPanel = async () => (await import("./ModelPanel")).ModelPanel;
const ModelPanel = lazily(loadPanel);

interface Props {
  conversation: Conversation;
  /** The choice, shown while the server is told; see {@link useChosen}. */
  chosen: Signal<string | null>;
  label: string;
  trigger: ComponentChildren;
}

/** A button with the menu of models behind it. */
export function ModelButton({ conversation, chosen, label, trigger }: Props) {
  const current = currentOf(conversation, chosen);
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
  if (current === undefined) return null;
  return (
    <PanelButton label={label} trigger={trigger} onApproach={() => void loadPanel().catch(() => undefined)}>
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
  );
}

export function useChosen(): Signal<string | null> {
  return useSignal<string | null>(null);
}

/** Who will answer, the choice that is on its way included; undefined until the catalogue is here. */
export function currentOf(conversation: Conversation, chosen: Signal<string | null>): Model | undefined {
  return findModel(chosen.value ?? undefined) ?? modelOf(conversation);
}
