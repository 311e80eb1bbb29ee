import type { ConversationPlace } from "@/app/feature";
import { currentUser, errorFromBody } from "@/lib/api";
import { formatDate } from "@/lib/i18n";
import { Alert, Button, Icon, IconButton } from "@/ui";

import { ApprovalCard } from "../approvals/ApprovalCard";
import type { AgentsOf } from "../model/conversation";
import { useAgentsOf } from "../model/conversation";
import type { AgentsIn, RunIn } from "../shapes";
import { isReason, reasonText } from "../words";
import { agentErrorText } from "../words/problems";
import { useAttempt } from "./attempt";
import styles from "./conversation.module.css";
import { t } from "./words";

/** Who is at work, what one is asked, and why there is no answer. Nothing of it most of the time. */
export function Bar({ id, isGroup }: ConversationPlace) {
  const agents = useAgentsOf(id);
  const data = agents.data.value;
  return (
    <>
      {data?.paused === true && <Stopped agents={agents} data={data} />}
      {data !== null && data.running.length > 0 && <Running agents={agents} data={data} isGroup={isGroup} />}
      <Asked agents={agents} />
      <Refused agents={agents} />
    </>
  );
}

function Running({ agents, data, isGroup }: { agents: AgentsOf; data: AgentsIn; isGroup: boolean }) {
  const { isBusy, attempt } = useAttempt();
  return (
    <div class={styles.bar} role="status">
      <ul class={styles.runs}>
        {data.running.map((run) => (
          <Run key={run.id} run={run} agents={agents} data={data} isGroup={isGroup} />
        ))}
      </ul>
      {isGroup && (
        <Button icon="stop" loading={isBusy} onClick={() => void attempt(() => agents.stopAll())}>
          {t("stopAll")}
        </Button>
      )}
    </div>
  );
}

interface RunProps {
  run: RunIn;
  agents: AgentsOf;
  data: AgentsIn;
  isGroup: boolean;
}

function Run({ run, agents, data, isGroup }: RunProps) {
  const { isBusy, attempt } = useAttempt();
  const name = data.agents.find(({ user }) => user.id === run.user_id)?.user.name ?? "?";
  return (
    <li class={styles.run}>
      <Icon name="bolt" size="s" />
      <span class={styles.runText}>
        <span>{doingText(run, name, agents)}</span>
        {isGroup && run.asker !== null && <span class={styles.dim}>{t("forWhom", { name: run.asker.name })}</span>}
      </span>
      {run.may_open && (
        <IconButton
          icon="stop"
          label={t("stopOne", { name })}
          variant="framed"
          disabled={isBusy}
          onClick={() => void attempt(() => agents.stop(run.id))}
        />
      )}
    </li>
  );
}

function doingText(run: RunIn, name: string, agents: AgentsOf): string {
  const calls = agents.doing.value.get(run.id);
  if (run.state === "queued") return t("queued", { name });
  if (run.state === "waiting") return t("waitsForSomebody", { name });
  return calls === undefined ? t("thinks", { name }) : t("calls", { name, function: calls });
}

function Stopped({ agents, data }: { agents: AgentsOf; data: AgentsIn }) {
  const { isBusy, attempt } = useAttempt();
  const by = data.paused_by;
  return (
    <div class={styles.bar} role="status">
      <p class={styles.runText}>
        <strong>{by === null ? t("stopped") : t("stoppedBy", { name: by.name })}</strong>
        {!data.may_resume && <span class={styles.dim}>{t("stoppedText")}</span>}
      </p>
      {data.may_resume && (
        <Button icon="play" loading={isBusy} onClick={() => void attempt(() => agents.resume())}>
          {t("resume")}
        </Button>
      )}
    </div>
  );
}

/** A card for each step that asks; what several calls of one step want is decided at once. */
function Asked({ agents }: { agents: AgentsOf }) {
  const asking = agents.asking.value;
  if (asking.length === 0) return null;
  const runs = [...new Set(asking.map((one) => one.run_id))];
  return (
    <div class={styles.asked}>
      {runs.map((runId) => {
        const those = asking.filter((one) => one.run_id === runId);
        return (
          <ApprovalCard
            key={those.map(({ id }) => id).join()}
            approvals={those}
            onDecide={(approval, decision, remember) => agents.decide(approval, decision, remember)}
          />
        );
      })}
    </div>
  );
}

function Refused({ agents }: { agents: AgentsOf }) {
  const refused = agents.refused.value;
  if (refused === null) return null;
  const name = agents.data.value?.agents.find(({ user }) => user.id === refused.user_id)?.user.name ?? "?";
  const { code, reset_at: resetAt, run_id: runId } = refused;
  const hasBegun = runId != null;
  return (
    <Alert
      tone="warning"
      title={t(hasBegun ? "unanswered" : "refused", { name })}
      action={
        <span class={styles.buttons}>
          {code === "token_limit_exceeded" && currentUser.value !== null && (
            <Button href="/app/billing">{t("seePlans")}</Button>
          )}
          {hasBegun && <Button href={`/app/agents/runs/${runId}`}>{t("steps")}</Button>}
          <Button variant="ghost" onClick={() => (agents.refused.value = null)}>
            {t("dismiss")}
          </Button>
        </span>
      }
    >
      {isReason(code) ? reasonText(code) : agentErrorText(errorFromBody({ error: refused.error, code }, 200))}
      {resetAt != null && ` ${t("refusedUntil", { time: formatDate(resetAt, { timeStyle: "short" }) })}`}
    </Alert>
  );
}
