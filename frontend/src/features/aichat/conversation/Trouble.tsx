import type { ComponentChildren } from "preact";

import { errorFromBody } from "@/lib/api";
import type { ApiError } from "@/lib/api";
import { clock, useCountdown } from "@/lib/countdown";
import { Alert, Button } from "@/ui";

import type { Conversation } from "../model/conversation";
import type { MessageModel } from "../model/message";
import { canContinue } from "../model/thread";
import { tierName } from "../tierName";
import type { Message } from "../shapes";
import { t } from "../words";
import { t as around } from "./listWords";
import styles from "./message.module.css";
import { WaysOn } from "./WaysOn";
import { t as ways, troubleText } from "./words";

interface Props {
  conversation: Conversation;
  answer: MessageModel;
}

/** What went wrong with an answer, in a sentence, and the way on. Nothing when all is well. */
export function Trouble({ conversation, answer }: Props) {
  const message = answer.data.value;
  if (answer.phase.value === "lost") {
    return (
      <Alert
        tone="warning"
        title={around("lost")}
        action={<Button onClick={() => answer.redo?.()}>{around("reconnect")}</Button>}
      />
    );
  }
  if (answer.phase.value !== "settled") return null;
  if (message.error !== null) {
    const error = errorFromBody(message.error, 0);
    return (
      <Alert
        tone="danger"
        title={troubleText(error)}
        action={<WaysOn conversation={conversation} answer={answer} error={error} />}
      >
        <Explanation error={error} />
      </Alert>
    );
  }
  const reason = endReason(message);
  if (reason === null) return null;
  return (
    <p class={styles.ended}>
      {reason}
      {canContinue(message) && (
        <span class={styles.whenIdle}>
          <Button icon="play" onClick={() => conversation.continueAnswer(answer)}>
            {around("continue")}
          </Button>
        </span>
      )}
    </p>
  );
}

function endReason({ status, finish_reason: finishReason }: Message): string | null {
  if (status === "stopped") return around("stopped");
  if (status === "incomplete" || status === "failed") return around("incomplete");
  if (finishReason === "length") return around("lengthReached");
  if (finishReason === "content_filter") return around("filtered");
  if (finishReason === "refusal") return ways("refused");
  return null;
}

function Explanation({ error }: { error: ApiError }): ComponentChildren {
  const resetAt = error.context.reset_at;
  const left = useCountdown(typeof resetAt === "string" ? Date.parse(resetAt) : null);
  if (error.code === "upgrade_required") {
    return (
      <>
        {t("needsPlan", { tier: tierOf(error) })} {t("chooseOther")}
      </>
    );
  }
  return left > 0 ? around("limitUntil", { time: clock(left) }) : null;
}

function tierOf({ context: { required_tier: tier } }: ApiError): string {
  return typeof tier === "string" ? tierName(tier) : "";
}
