import { useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";

import { config } from "@/lib/config";
import { errorText } from "@/lib/errorText";
import { classes, IconButton, toast } from "@/ui";

import type { Conversation } from "../model/conversation";
import { codePoints } from "../stream/text";
import { t } from "../words";
import styles from "./composer.module.css";
import { Cost } from "./Cost";
import { draftOf, writeDraft } from "./draft";
import { COMPOSER_ID, focusComposer } from "./focus";
import { ModelMenu } from "./ModelMenu";
import { TokenBar } from "./TokenBar";
import { UploadTray } from "./UploadTray";

const MAX_HEIGHT_PX = 240;

export function Composer({ conversation }: { conversation: Conversation }) {
  const { text, uploads } = draftOf(conversation);
  const running = conversation.run.value !== null;
  const dragging = useSignal(false);
  const excess = codePoints(text.value) - (config.value?.limits.max_message_chars ?? Infinity);
  const hasContent = text.value.trim() !== "" || uploads.files.value.length > 0;
  const canSend = hasContent && excess <= 0 && !running && !uploads.busy.value && conversation.state.value !== "failed";

  const send = () => {
    if (!canSend) return;
    const outgoing = { content: text.value.trim(), attachments: uploads.files.value };
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
      class={classes(styles.composer, dragging.value && styles.dragging)}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
      onDragOver={(event) => {
        if (event.dataTransfer?.types.includes("Files") !== true) return;
        event.preventDefault();
        dragging.value = true;
      }}
      onDragLeave={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) dragging.value = false;
      }}
      onDrop={(event) => {
        event.preventDefault();
        dragging.value = false;
        uploads.add(event.dataTransfer?.files ?? []);
      }}
    >
      <UploadTray uploads={uploads} />
      <MessageField conversation={conversation} onSend={send} />
      <div class={styles.tools}>
        <AttachButton onFiles={(files) => uploads.add(files)} />
        <ModelMenu conversation={conversation} />
        <span class={styles.right}>
          {excess > 0 ? (
            <p class={styles.tooMuch}>{t("tooLong", { count: excess })}</p>
          ) : (
            <Cost conversation={conversation} />
          )}
          {running ? (
            <IconButton icon="stop" variant="primary" label={t("stop")} onClick={stop} />
          ) : (
            <IconButton icon="send" variant="primary" label={t("send")} type="submit" disabled={!canSend} />
          )}
        </span>
      </div>
      <TokenBar />
      {dragging.value && <p class={styles.drop}>{t("dropHere")}</p>}
    </form>
  );
}

function MessageField({ conversation, onSend }: { conversation: Conversation; onSend: () => void }) {
  const { text, uploads } = draftOf(conversation);
  const field = useRef<HTMLTextAreaElement>(null);
  const value = text.value;

  // Grows with the words up to a limit. (`field-sizing: content` will do this alone once every browser knows it.)
  useLayoutEffect(() => {
    if (field.current === null) return;
    field.current.style.height = "auto";
    field.current.style.height = `${Math.min(field.current.scrollHeight + 6, MAX_HEIGHT_PX)}px`;
  }, [value]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey && !isTouch()) {
      event.preventDefault();
      onSend();
    } else if (event.key === "ArrowUp" && value === "") {
      const last = conversation.thread.value.findLast((message) => message.data.value.role === "user");
      if (last === undefined || last.isLocal || conversation.run.value !== null) return;
      event.preventDefault();
      conversation.editing.value = last;
    }
  };
  const onPaste = (event: ClipboardEvent) => {
    const files = event.clipboardData?.files ?? [];
    if (files.length === 0) return;
    event.preventDefault();
    uploads.add(files);
  };
  return (
    <textarea
      ref={field}
      id={COMPOSER_ID}
      class={styles.field}
      rows={1}
      aria-label={t("message")}
      placeholder={t("messagePlaceholder")}
      value={value}
      onInput={(event) => writeDraft(conversation, event.currentTarget.value)}
      onKeyDown={onKeyDown}
      onPaste={onPaste}
    />
  );
}

function AttachButton({ onFiles }: { onFiles: (files: FileList) => void }) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <IconButton icon="attach" label={t("attach")} onClick={() => input.current?.click()} />
      <input
        ref={input}
        type="file"
        multiple
        hidden
        onChange={(event) => {
          if (event.currentTarget.files !== null) onFiles(event.currentTarget.files);
          // So that the same file can be chosen again after it was removed.
          event.currentTarget.value = "";
        }}
      />
    </>
  );
}

/** A touch keyboard has no Shift+Enter, so there Enter is a new line and the button sends. */
function isTouch(): boolean {
  return matchMedia("(pointer: coarse)").matches;
}
