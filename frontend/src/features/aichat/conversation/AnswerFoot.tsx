import { useSignal } from "@preact/signals";

import { toSend } from "@/lib/bridge";
import { hasModule } from "@/lib/config";
import { formatNumber } from "@/lib/i18n";
import { IconButton, lazily, Menu } from "@/ui";
import type { MenuItem } from "@/ui";

import { models } from "../model/catalogue";
import type { Conversation } from "../model/conversation";
import type { MessageModel } from "../model/message";
import { kept } from "../models/kept";
import { shortList } from "../models/sections";
import type { Message } from "../shapes";
import { BranchSwitcher } from "./BranchSwitcher";
import { CopyButton } from "./CopyButton";
import { t as around } from "./listWords";
import styles from "./message.module.css";
import { t as ways } from "./words";

const Receipt = lazily(async () => (await import("./Receipt")).Receipt);
/** A menu of all models stands below the field; here are those that one is likely to ask. */
const OTHERS = 8;

interface Props {
  conversation: Conversation;
  answer: MessageModel;
}

/** Below a finished answer: versions, copy, answer again, and what it cost. */
export function AnswerFoot({ conversation, answer }: Props) {
  const message = answer.data.value;
  const receipt = useSignal(false);
  /** Its code is not asked for before somebody looks at one. */
  const wasOpened = useSignal(false);
  if (answer.phase.value !== "settled" || answer.isLocal) return null;
  const others = shortList(models.value.filter((model) => model.id !== message.model), kept.value, OTHERS);
  const show = () => (receipt.value = wasOpened.value = true);
  const items: MenuItem[] = [
    ...(message.total_tokens === null ? [] : [{ label: ways("receipt"), icon: "chart" as const, onSelect: show }]),
    ...(message.content === "" || !hasModule("messenger")
      ? []
      : [{ label: ways("sendTo"), icon: "forward" as const, onSelect: () => (toSend.value = answer.text.peek()) }]),
    ...others.map((model) => ({
      label: around("regenerateWith", { model: model.name }),
      icon: "refresh" as const,
      onSelect: () => void conversation.regenerate(answer, { model: model.id }),
    })),
  ];
  return (
    <footer class={styles.foot}>
      <BranchSwitcher conversation={conversation} message={message} />
      {message.content !== "" && <CopyButton text={() => answer.text.peek()} />}
      <span class={styles.whenIdle}>
        <IconButton icon="refresh" label={around("regenerate")} onClick={() => conversation.regenerate(answer)} />
        {items.length > 0 && <Menu label={around("moreActions")} items={items} />}
      </span>
      <Tokens message={message} />
      {wasOpened.value && <Receipt message={message} open={receipt} />}
    </footer>
  );
}

function Tokens({ message }: { message: Message }) {
  const { prompt_tokens: prompt, completion_tokens: completion, total_tokens: total, estimated } = message;
  if (total === null) return null;
  const details = around("usedTokensTitle", {
    prompt: formatNumber(prompt ?? 0),
    completion: formatNumber(completion ?? 0),
  });
  return (
    <span class={styles.tokens} title={details}>
      {around("usedTokens", { count: formatNumber(total) })}
      {estimated && ` (${around("estimated")})`}
    </span>
  );
}
