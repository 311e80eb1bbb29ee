import type { AgentMessagePlace } from "@/app/feature";
import { currentUser } from "@/lib/api";
import { hasModule } from "@/lib/config";
import { Button, Icon } from "@/ui";

import { continueUnheard } from "../model/api";
import { useAgentsOf } from "../model/conversation";
import type { Reason } from "../shapes";
import { canGoOn, isReason, reasonText, stateName, t as shared } from "../words";
import { useAttempt } from "./attempt";
import styles from "./conversation.module.css";
import { t } from "./words";

/** Below an answer: what it took, who paid, and the way to its steps; while it is written, the way to stop it. */
export function Foot({ conversation, run, userId, askerId }: AgentMessagePlace) {
  const agents = useAgentsOf(conversation.id);
  const { isBusy, attempt } = useAttempt();
  const me = currentUser.value?.id;
  const data = agents.data.value;
  const isOwner = data?.agents.some(({ user, owner }) => user.id === userId && owner.id === me) ?? false;
  const isPayer = run.paid_by !== null && run.paid_by.id === me;
  const mayOpen = isPayer || isOwner || (me !== undefined && askerId === me) || !conversation.isGroup;

  if (run.state === "writing") {
    const isKnown = data?.running.some(({ id, may_open: may }) => id === run.run_id && may) ?? mayOpen;
    return (
      <div class={styles.foot}>
        <span class={styles.writing}>{t("writing")}</span>
        {isKnown && (
          <Button variant="ghost" icon="stop" loading={isBusy} onClick={() => void attempt(() => agents.stop(run.run_id))}>
            {t("stop")}
          </Button>
        )}
      </div>
    );
  }
  const reason = isReason(run.reason) ? run.reason : null;
  const isBad = run.state !== "complete";
  // One of several messages of one answer: the last says what it took.
  if (!isBad && run.tokens === null) return null;
  return (
    <div class={styles.foot}>
      {isBad && <Ending state={run.state} reason={reason} isPayer={isPayer} />}
      <span class={styles.figures}>{figuresOf(run.calls ?? null, run.tokens, payerText(run.paid_by, me))}</span>
      {mayOpen && <a href={`/app/agents/runs/${run.run_id}`}>{t("steps")}</a>}
      {isPayer && reason === "payer_tokens" && hasModule("billing") && <a href="/app/billing">{t("seePlans")}</a>}
      {isPayer && reason !== null && run.state === "limited" && canGoOn(reason) && (
        <Button icon="play" title={t("goOnHint")} loading={isBusy} onClick={() => void attempt(() => continueUnheard(run.run_id))}>
          {t("goOn")}
        </Button>
      )}
    </div>
  );
}

function Ending({ state, reason, isPayer }: { state: "stopped" | "limited" | "failed" | "complete"; reason: Reason | null; isPayer: boolean }) {
  // How many tokens somebody has left is theirs to know.
  const said = reason === null || (reason === "payer_tokens" && !isPayer) ? null : reasonText(reason);
  return (
    <span class={styles.ending}>
      <Icon name="warning" size="s" />
      {said === null ? stateName(state) : `${stateName(state)}: ${said}`}
    </span>
  );
}

function payerText(payer: AgentMessagePlace["run"]["paid_by"], me: string | undefined): string | null {
  if (payer === null) return null;
  return payer.id === me ? t("paidByYou") : t("paidBy", { name: payer.name });
}

function figuresOf(calls: number | null, tokens: number | null, payer: string | null): string {
  return [
    calls === null || calls === 0 ? null : shared("calls", { count: calls }),
    tokens === null ? null : shared("tokens", { count: tokens }),
    payer,
  ]
    .filter((part) => part !== null)
    .join(" · ");
}
