import { IconButton, toast } from "@/ui";

import type { Conversation } from "../model/conversation";
import { branchPosition } from "../model/thread";
import type { Message } from "../shapes";
import { t as around } from "./listWords";
import styles from "./message.module.css";

/** "‹ 2/3 ›" where a message has other versions. */
export function BranchSwitcher({ conversation, message }: { conversation: Conversation; message: Message }) {
  const position = branchPosition(message);
  if (position === null) return null;
  const { index, count, previous, next } = position;
  const show = (id: string | null) => {
    if (id !== null) conversation.switchBranch(id).catch(() => toast(around("branchFailed"), { tone: "danger" }));
  };
  return (
    <span class={styles.branches} role="group" aria-label={around("branch", { index, count })}>
      <IconButton icon="left" label={around("previousBranch")} disabled={previous === null} onClick={() => show(previous)} />
      <span aria-hidden="true">
        {index}/{count}
      </span>
      <IconButton icon="right" label={around("nextBranch")} disabled={next === null} onClick={() => show(next)} />
    </span>
  );
}
