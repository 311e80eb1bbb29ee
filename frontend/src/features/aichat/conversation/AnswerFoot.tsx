import { formatNumber } from "@/lib/i18n";
import { IconButton, Menu } from "@/ui";

import { models } from "../model/catalogue";
import type { Conversation } from "../model/conversation";
import type { MessageModel } from "../model/message";
import type { Message } from "../shapes";
import { t } from "../words";
import { BranchSwitcher } from "./BranchSwitcher";
import { CopyButton } from "./CopyButton";
import styles from "./message.module.css";

interface Props {
  conversation: Conversation;
  answer: MessageModel;
}

/** Below a finished answer: versions, copy, answer again, and what it cost. */
export function AnswerFoot({ conversation, answer }: Props) {
  const message = answer.data.value;
  if (answer.phase.value !== "settled" || answer.isLocal) return null;
  const others = models.value.filter((model) => model.available && model.id !== message.model);
  return (
    <footer class={styles.foot}>
      <BranchSwitcher conversation={conversation} message={message} />
      {message.content !== "" && <CopyButton text={() => answer.text.peek()} />}
      <span class={styles.whenIdle}>
        <IconButton icon="refresh" label={t("regenerate")} onClick={() => conversation.regenerate(answer)} />
        {others.length > 0 && (
          <Menu
            label={t("moreActions")}
            items={others.map((model) => ({
              label: t("regenerateWith", { model: model.name }),
              icon: "refresh",
              onSelect: () => void conversation.regenerate(answer, { model: model.id }),
            }))}
          />
        )}
      </span>
      <Tokens message={message} />
    </footer>
  );
}

function Tokens({ message }: { message: Message }) {
  const { prompt_tokens: prompt, completion_tokens: completion, total_tokens: total, estimated } = message;
  if (total === null) return null;
  const details = t("usedTokensTitle", {
    prompt: formatNumber(prompt ?? 0),
    completion: formatNumber(completion ?? 0),
  });
  return (
    <span class={styles.tokens} title={details}>
      {t("usedTokens", { count: formatNumber(total) })}
      {estimated && ` (${t("estimated")})`}
    </span>
  );
}
