import { Badge } from "@/ui";

import { findModel } from "../model/catalogue";
import type { Conversation } from "../model/conversation";
import type { MessageModel } from "../model/message";
import { t } from "../words";
import { AnswerBody } from "./AnswerBody";
import { AnswerFoot } from "./AnswerFoot";
import { t as around } from "./listWords";
import styles from "./message.module.css";
import { Thinking } from "./Thinking";
import { Trouble } from "./Trouble";
import { t as ways } from "./words";

interface Props {
  conversation: Conversation;
  answer: MessageModel;
}

export function AssistantMessage({ conversation, answer }: Props) {
  const { model: modelId } = answer.data.value;
  const model = findModel(modelId);
  const name = model?.name ?? (modelId === "" ? t("assistant") : modelId);
  const before = answer.succeeded.value;
  const { left_out: leftOut = 0 } = answer.notice.value ?? {};
  return (
    <article class={styles.message} aria-label={t("assistant")} aria-busy={answer.phase.value !== "settled"}>
      <h2 class={styles.author}>
        <span class={styles.answerMark} aria-hidden="true" />
        {name}
        {model?.is_demo === true && <Badge tone="pink">{t("demo")}</Badge>}
      </h2>
      {before !== null && (
        <p class={styles.notice}>{ways("succeeded", { model: name, before: findModel(before)?.name ?? before })}</p>
      )}
      {leftOut > 0 && <p class={styles.notice}>{around("trimmed", { count: leftOut })}</p>}
      <Thinking answer={answer} />
      <AnswerBody answer={answer} />
      <Progress answer={answer} />
      <Trouble conversation={conversation} answer={answer} />
      <AnswerFoot conversation={conversation} answer={answer} />
    </article>
  );
}

function Progress({ answer }: { answer: MessageModel }) {
  switch (answer.phase.value) {
    case "waiting":
      return <p class={styles.progress}>{around("waiting")}</p>;
    case "reconnecting":
      return <p class={styles.progress}>{around("reconnecting")}</p>;
    case "streaming":
      return <span class={styles.caret} aria-hidden="true" />;
    default:
      return null;
  }
}
