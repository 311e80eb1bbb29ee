import { currentUser } from "@/lib/api";
import type { ApiError } from "@/lib/api";
import { errorText } from "@/lib/errorText";
import { Button, classes, toast } from "@/ui";

import { restoreDraft } from "../composer/draft";
import type { Conversation } from "../model/conversation";
import type { MessageModel } from "../model/message";
import { canContinue } from "../model/thread";
import { effortName } from "../models/words";
import { t } from "../words";
import { t as around } from "./listWords";
import styles from "./message.module.css";
import { nextSteps, type Step } from "./steps";
import { t as ways } from "./words";

interface Props {
  conversation: Conversation;
  answer: MessageModel;
  error: ApiError;
}

/** What can be done about an answer that failed: first what its error names, then what always can. */
export function WaysOn({ conversation, answer, error }: Props) {
  const needsPlan = error.code === "upgrade_required" || error.code === "token_limit_exceeded";
  const again = () => (answer.redo === null ? void conversation.regenerate(answer) : answer.redo());
  const takeBack = () => {
    const withdrawn = conversation.withdraw(answer);
    if (withdrawn !== null) restoreDraft(conversation, withdrawn);
  };
  return (
    <div class={classes(styles.ways, styles.whenIdle)}>
      {nextSteps(error).map((step) => (
        <Button key={labelOf(step)} icon={step.kind === "room" ? "play" : "refresh"} onClick={() => take(step, conversation, answer)}>
          {labelOf(step)}
        </Button>
      ))}
      {canContinue(answer.data.value) && (
        <Button icon="play" onClick={() => conversation.continueAnswer(answer)}>
          {around("continue")}
        </Button>
      )}
      <Button icon="refresh" onClick={again}>
        {around("retry")}
      </Button>
      {answer.isLocal && answer.data.value.sibling_ids.length === 0 && (
        <Button icon="edit" variant="ghost" onClick={takeBack}>
          {around("backToComposer")}
        </Button>
      )}
      {needsPlan && currentUser.value?.subscription_tier !== "unlimited" && (
        <Button href="/app/billing" variant="primary">
          {t("upgrade")}
        </Button>
      )}
    </div>
  );
}

function labelOf(step: Step): string {
  switch (step.kind) {
    case "model":
      return ways("askOther", { model: step.name });
    case "successor":
      return ways("goOnWith", { model: step.name });
    case "room":
      return ways("twiceTheRoom");
    case "lower":
      return ways("lowerEffort", { effort: effortName(step.effort) });
    case "effort":
      return ways("withEffort", { effort: effortName(step.effort) });
  }
}

function take(step: Step, conversation: Conversation, answer: MessageModel): void {
  switch (step.kind) {
    case "model":
      return void conversation.regenerate(answer, { model: step.id });
    case "successor":
      return void succeed(step.id, conversation, answer);
    case "room":
      return void conversation.continueAnswer(answer, { room: 2 });
    case "lower":
      return void conversation.continueAnswer(answer, { effort: step.effort });
    case "effort":
      if (answer.redo === null) return void conversation.regenerate(answer, { effort: step.effort });
      answer.redo({ effort: step.effort });
  }
}

/** The chat goes on with another model, and so does what was asked. */
async function succeed(model: string, conversation: Conversation, answer: MessageModel): Promise<void> {
  try {
    await conversation.change({ model, effort: null });
  } catch (error) {
    toast(errorText(error), { tone: "danger" });
    return;
  }
  if (answer.redo !== null) answer.redo();
  else await conversation.regenerate(answer, { model });
}
