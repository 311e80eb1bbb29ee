import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

import { Button, TextArea } from "@/ui";

import { focusComposer } from "../composer/focus";
import type { Conversation } from "../model/conversation";
import type { MessageModel } from "../model/message";
import { t } from "../words";
import styles from "./message.module.css";

/** A message being written anew; sending it begins a branch beside the old one. */
export function Editor({ conversation, message }: { conversation: Conversation; message: MessageModel }) {
  const { content, attachments, parent_id: parentId } = message.data.value;
  const text = useSignal(content);
  const field = useRef<HTMLTextAreaElement>(null);
  const canSend = text.value.trim() !== "" || attachments.length > 0;

  useEffect(() => {
    field.current?.focus();
    field.current?.setSelectionRange(content.length, content.length);
  }, [content]);

  const close = () => {
    conversation.editing.value = null;
    focusComposer();
  };
  const send = () => {
    if (!canSend) return;
    close();
    void conversation.send({ content: text.value, attachments }, parentId);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape") {
      event.stopPropagation();
      close();
    } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      send();
    }
  };
  return (
    <div class={styles.editor}>
      <TextArea
        label={t("editLabel")}
        hideLabel
        hint={t("editHint")}
        value={text.value}
        onValue={(value) => (text.value = value)}
        inputRef={field}
        rows={Math.min(12, content.split("\n").length + 1)}
        onKeyDown={onKeyDown}
      />
      <div class={styles.ways}>
        <Button onClick={close}>{t("cancel")}</Button>
        <Button variant="primary" icon="send" disabled={!canSend} onClick={send}>
          {t("send")}
        </Button>
      </div>
    </div>
  );
}
