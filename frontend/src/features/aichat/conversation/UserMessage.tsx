import { useComputed } from "@preact/signals";

import { IconButton } from "@/ui";

import type { Conversation } from "../model/conversation";
import type { MessageModel } from "../model/message";
import { t } from "../words";
import { BranchSwitcher } from "./BranchSwitcher";
import { CopyButton } from "./CopyButton";
import { Editor } from "./Editor";
import { FileList } from "./FileList";
import { t as around } from "./listWords";
import styles from "./message.module.css";
import { t as ways } from "./words";

interface Props {
  conversation: Conversation;
  message: MessageModel;
}

export function UserMessage({ conversation, message }: Props) {
  const data = message.data.value;
  const editing = useComputed(() => conversation.editing.value === message).value;
  return (
    <article class={styles.message} aria-label={around("you")}>
      <h2 class={styles.author}>
        <span class={styles.userMark} aria-hidden="true" />
        {around("you")}
      </h2>
      {editing ? (
        <Editor conversation={conversation} message={message} />
      ) : (
        <>
          {data.attachments.length > 0 && <FileList files={data.attachments} />}
          {data.content !== "" && <div class={`${styles.body} ${styles.plain}`} dir="auto">{data.content}</div>}
          {data.withheld && <p class={styles.withheld}>{ways("notSentOn")}</p>}
          {!message.isLocal && (
            <footer class={styles.foot}>
              <BranchSwitcher conversation={conversation} message={data} />
              <CopyButton text={() => data.content} />
              <span class={styles.whenIdle}>
                <IconButton icon="edit" label={t("edit")} onClick={() => (conversation.editing.value = message)} />
              </span>
            </footer>
          )}
        </>
      )}
    </article>
  );
}
