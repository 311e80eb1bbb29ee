import { useSignalEffect } from "@preact/signals";

import { limit } from "@/lib/config";
import { errorText } from "@/lib/errorText";
import { codePoints } from "@/lib/growingText";
import { outgoingText } from "@/lib/text";
import { AttachButton, ComposerField, focusComposer, IconButton, isTouch, toast, useFileDrop } from "@/ui";

import { BlindNote, EndedNote, PriceLine } from "../lazyParts";
import type { Conversation } from "../model/conversation";
import { EffortMenu } from "../models/EffortMenu";
import { ModelMenu } from "../models/ModelMenu";
import { t } from "../words";
import styles from "./composer.module.css";
import { draftOf, restoreDraft, writeDraft } from "./draft";
import { TokenBar } from "./TokenBar";
import { UploadTray } from "./UploadTray";

export function Composer({ conversation }: { conversation: Conversation }) {
  const { text, uploads } = draftOf(conversation);
  const running = conversation.run.value !== null;
  const drop = useFileDrop((files) => uploads.add(files));
  const excess = codePoints(text.value) - limit("max_message_chars");
  const hasPictures = uploads.list.value.some(({ file }) => file?.kind === "image");
  const hasContent = text.value.trim() !== "" || uploads.files.value.length > 0;
  const canSend = hasContent && excess <= 0 && !conversation.busy.value && !uploads.busy.value && conversation.state.value !== "failed";

  // Also while a model is chosen; before that there is nothing to be told, and nothing to fetch.
  const isPriced = hasContent || conversation.isChoosing.value;

  const send = () => {
    if (!canSend) return;
    const outgoing = { content: outgoingText(text.value), attachments: uploads.files.value };
    writeDraft(conversation, "");
    uploads.clear();
    void conversation.send(outgoing);
    if (!isTouch()) focusComposer();
  };
  const stop = () => {
    conversation.stop().catch((error: unknown) => toast(`${t("stopFailed")}. ${errorText(error)}`, { tone: "danger" }));
  };
  return (
    <form
      class={styles.composer}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
      {...drop.handlers}
    >
      {conversation.chat.value?.model_end?.ended === true && <EndedNote conversation={conversation} />}
      <Returned conversation={conversation} />
      <UploadTray uploads={uploads} />
      {hasPictures && <BlindNote conversation={conversation} />}
      <MessageField conversation={conversation} onSend={send} />
      <div class={styles.tools}>
        <AttachButton label={t("attach")} onFiles={(files) => uploads.add(files)} />
        <span class={styles.choices}>
          <ModelMenu conversation={conversation} />
          <EffortMenu conversation={conversation} />
        </span>
        <span>
          {running ? (
            <IconButton icon="stop" variant="primary" label={t("stop")} onClick={stop} />
          ) : (
            <IconButton icon="send" variant="primary" label={t("send")} type="submit" disabled={!canSend} />
          )}
        </span>
      </div>
      <div class={styles.price}>
        {isPriced ? <PriceLine conversation={conversation} /> : <p />}
      </div>
      <TokenBar />
      {drop.isOver && <p class={styles.drop}>{t("dropHere")}</p>}
    </form>
  );
}

/** A question that was not answered is back in the field, unless something else stands there by now. */
function Returned({ conversation }: { conversation: Conversation }) {
  const { returned } = conversation;
  useSignalEffect(() => {
    const message = returned.value?.message;
    const { text, uploads } = draftOf(conversation);
    if (message !== undefined && text.peek() === "" && uploads.list.peek().length === 0) restoreDraft(conversation, message);
  });
  if (returned.value === null) return null;
  return (
    <div class={styles.returned} role="status">
      <p>{t(returned.value.why === "declined" ? "notSentOn" : "notSentYet")}</p>
      <IconButton icon="close" label={t("understood")} onClick={() => (returned.value = null)} />
    </div>
  );
}

function MessageField({ conversation, onSend }: { conversation: Conversation; onSend: () => void }) {
  const { text, uploads } = draftOf(conversation);
  const editLast = (event: KeyboardEvent) => {
    if (event.key !== "ArrowUp" || text.value !== "") return;
    const last = conversation.thread.value.findLast((message) => message.data.value.role === "user");
    if (last === undefined || last.isLocal || conversation.busy.value) return;
    event.preventDefault();
    conversation.editing.value = last;
  };
  return (
    <ComposerField
      label={t("message")}
      placeholder={t("messagePlaceholder")}
      value={text.value}
      onValue={(value) => writeDraft(conversation, value)}
      onSend={onSend}
      onFiles={(files) => uploads.add(files)}
      onKeyDown={editLast}
    />
  );
}
