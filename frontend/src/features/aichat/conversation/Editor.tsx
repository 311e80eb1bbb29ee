import { useSignal } from "@preact/signals";
import { useLayoutEffect, useMemo, useRef } from "preact/hooks";

import { outgoingText } from "@/lib/text";
import { AttachButton, Button, focusComposer, isComposing, isEnter, isTouch, MODIFIER, TextArea } from "@/ui";

import { Uploads } from "../composer/uploads";
import { UploadTray } from "../composer/UploadTray";
import type { Conversation } from "../model/conversation";
import type { MessageModel } from "../model/message";
import { t } from "../words";
import { t as around } from "./listWords";
import styles from "./message.module.css";

/** A message being written anew; sending it begins a branch beside the old one. */
export function Editor({ conversation, message }: { conversation: Conversation; message: MessageModel }) {
  const { content, attachments, parent_id: parentId } = message.data.value;
  const text = useSignal(content);
  const uploads = useMemo(() => {
    const files = new Uploads();
    files.restore(attachments);
    return files;
  }, [attachments]);
  const field = useRef<HTMLTextAreaElement>(null);
  // While another answer is on its way the words stay here.
  const hasSomething = text.value.trim() !== "" || uploads.files.value.length > 0;
  const canSend = hasSomething && !uploads.busy.value && !conversation.busy.value;

  // Before anybody can type: an effect after the frame could still move the cursor under the first letters.
  useLayoutEffect(() => {
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
    void conversation.send({ content: outgoingText(text.value), attachments: uploads.files.value }, parentId);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape" && !isComposing(event)) {
      event.stopPropagation();
      close();
    } else if (isEnter(event) && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      send();
    }
  };
  return (
    <div class={styles.editor}>
      <TextArea
        label={around("editLabel")}
        hideLabel
        hint={isTouch() ? around("editHint") : around("editKeys", { modifier: MODIFIER })}
        value={text.value}
        onValue={(value) => (text.value = value)}
        inputRef={field}
        rows={Math.min(12, content.split("\n").length + 1)}
        onKeyDown={onKeyDown}
      />
      <UploadTray uploads={uploads} />
      <div class={styles.ways}>
        <AttachButton label={t("attach")} onFiles={(files) => uploads.add(files)} />
        <Button onClick={close}>{t("cancel")}</Button>
        <Button variant="primary" icon="send" disabled={!canSend} onClick={send}>
          {t("send")}
        </Button>
      </div>
    </div>
  );
}
