import { useLayoutEffect } from "preact/hooks";

import { composerField, ComposerField } from "@/ui";

import type { ConversationShape, ConversationView } from "../model";
import { lastEditable } from "../timeline/actions";
import type { MessageActions } from "../timeline/actions";
import { Completions } from "./Completions";
import type { ComposerState } from "./state";
import { useCompletions } from "./useCompletions";
import { t } from "./words";

interface MessageFieldProps {
  state: ComposerState;
  view: ConversationView;
  conversation: ConversationShape;
  actions: MessageActions;
  me: string | null;
  onSend: () => void;
}

export function MessageField({ state, view, conversation, actions, me, onSend }: MessageFieldProps) {
  const mode = actions.mode.value;
  const completions = useCompletions(state, conversation, me);
  const { options, active, listId, optionId } = completions;

  // Before the next key: an effect after the frame could still move the cursor under the first letters.
  useLayoutEffect(() => {
    if (mode?.kind !== "edit") return;
    const field = composerField();
    field?.setSelectionRange(field.value.length, field.value.length);
  }, [mode]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape" && state.cancel()) {
      event.preventDefault();
    } else if (event.key === "ArrowUp" && state.text.value === "" && mode === null) {
      const message = lastEditable(view.messages.peek(), conversation, me);
      if (message === null) return;
      event.preventDefault();
      actions.edit(message);
    }
  };
  return (
    <>
      <Completions from={completions} />
      <ComposerField
        label={t("message")}
        placeholder={state.files.value.length > 0 ? t("addCaption") : t("placeholder")}
        value={state.text.value}
        onValue={(value) => state.write(value)}
        onSend={onSend}
        onFiles={(files) => state.addFiles(files)}
        onKeyDown={onKeyDown}
        list={options.length > 0 ? { id: listId, activeId: optionId(active) } : null}
        onListKey={completions.onKey}
        onCaret={completions.onCaret}
        inline
      />
    </>
  );
}
