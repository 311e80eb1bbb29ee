import { useCallback } from "preact/hooks";

import type { PageProps } from "@/app/feature";
import { currentUser } from "@/lib/api";
import { hasModule } from "@/lib/config";
import { formatNumber } from "@/lib/i18n";
import { useResource } from "@/lib/resource";
import { navigate } from "@/lib/router";
import { Alert, Badge, Button, Loaded, toast } from "@/ui";

import { ApprovalCard } from "../approvals/ApprovalCard";
import { continueUnheard, decide, readRun, stopRun } from "../model/api";
import { consoleOf } from "../model/console";
import { isLive } from "../model/run";
import type { RunDetail, RunState } from "../shapes";
import { reasonText, stateName, t as shared } from "../words";
import { figures } from "../words/figures";
import { agentErrorText, problemText } from "../words/problems";
import { TraceStep } from "./TraceStep";
import styles from "./trace.module.css";
import { t } from "./words";

/** One run, a line a step, with all that went in and came out. */
export default function TracePage({ params }: PageProps) {
  const id = params.rid ?? "";
  const load = useCallback((signal: AbortSignal) => readRun(id, signal), [id]);
  const run = useResource(load);
  return (
    <div class={styles.page}>
      <h1>{t("title")}</h1>
      <Loaded from={run} failure="page" lines={6}>
        {(detail) => <Trace run={detail} onReload={run.reload} />}
      </Loaded>
    </div>
  );
}

const TONES: Partial<Record<RunState, "cyan" | "pink" | "gold">> = { complete: "cyan", failed: "pink", limited: "gold" };

function Trace({ run, onReload }: { run: RunDetail; onReload: () => void }) {
  const tone = TONES[run.state] ?? "plain";
  const asked = run.asker?.name ?? "?";
  return (
    <>
      <section class={styles.head}>
        <p class={styles.line}>
          <Badge tone={tone}>{stateName(run.state)}</Badge>
          <span>{t(run.trigger)}</span>
          <span>{run.model}</span>
          <span>{t("version", { version: run.version })}</span>
          {run.is_dry && <Badge>{t("dry")}</Badge>}
        </p>
        <p class={styles.dim}>{t("by", { name: asked, payer: run.payer?.name ?? asked })}</p>
        {run.reason !== null && run.state !== "complete" && <Alert tone="warning" title={reasonText(run.reason)} />}
        {run.error !== null && <Alert tone="danger" title={problemText(run.error)} />}
        {run.prompt === null ? (
          <Alert title={t("noTexts")} />
        ) : (
          <>
            <h2>{t("question")}</h2>
            <p class={styles.prompt} dir="auto">
              {run.prompt}
            </p>
          </>
        )}
        <Asked run={run} onReload={onReload} />
        <Actions run={run} onReload={onReload} />
      </section>
      <section class={styles.steps} aria-label={t("steps")}>
        <h2>{t("steps")}</h2>
        <ol class={styles.list}>
          {run.trace.map((step) => (
            <TraceStep key={step.id} step={step} />
          ))}
        </ol>
        <Sum run={run} />
      </section>
    </>
  );
}

/** Whoever is asked may have come here from another page, and be in no conversation with it. */
function Asked({ run, onReload }: { run: RunDetail; onReload: () => void }) {
  const me = currentUser.value?.id;
  const asking = run.trace.flatMap(({ state, approval }) =>
    state === "asking" && approval?.state === "waiting" && approval.asked_of.id === me ? [approval] : [],
  );
  if (asking.length === 0) return null;
  return (
    <ApprovalCard
      key={asking.map(({ id }) => id).join()}
      approvals={asking}
      onDecide={async (approval, decision, remember) => {
        await decide(approval, decision, remember);
        onReload();
      }}
    />
  );
}

function Sum({ run }: { run: RunDetail }) {
  const read = formatNumber(run.prompt_tokens);
  const written = formatNumber(run.completion_tokens);
  return (
    <p class={styles.sum}>
      <strong>{t("sum")}</strong>
      <span>{figures({ seconds: run.seconds, tokens: run.total_tokens })}</span>
      <span class={styles.dim}>
        {t("tokensOf", { read, written })} · {shared("steps", { count: run.steps })} · {shared("calls", { count: run.calls })}
      </span>
    </p>
  );
}

function Actions({ run, onReload }: { run: RunDetail; onReload: () => void }) {
  const { agent_id: agentId, template, prompt } = run;
  const attempt = (work: () => Promise<unknown>) => () =>
    void work().then(onReload, (error: unknown) => toast(agentErrorText(error), { tone: "danger" }));
  return (
    <div class={styles.buttons}>
      {isLive(run.state) && (
        <>
          <Button icon="stop" variant="danger" onClick={attempt(() => stopRun(run.id))}>
            {t("stop")}
          </Button>
          <Button icon="refresh" onClick={onReload}>
            {t("refresh")}
          </Button>
        </>
      )}
      {run.state === "limited" && (
        <Button icon="play" onClick={attempt(() => continueUnheard(run.id))}>
          {t("goOn")}
        </Button>
      )}
      {agentId !== null && prompt !== null && (
        <Button
          icon="play"
          onClick={() => {
            consoleOf(agentId).text.value = prompt;
            navigate(`/app/agents/${agentId}?part=console`);
          }}
        >
          {t("again")}
        </Button>
      )}
      {template !== null && (
        <Button variant="ghost" href={`/app/agents/templates/${template}`}>
          {t("toTemplate")}
        </Button>
      )}
      {run.conversation_id !== null && hasModule("messenger") && (
        <Button variant="ghost" icon="messages" href={`/app/messages/${run.conversation_id}`}>
          {t("toConversation")}
        </Button>
      )}
      {agentId !== null && (
        <Button variant="ghost" href={`/app/agents/${agentId}`}>
          {t("back")}
        </Button>
      )}
    </div>
  );
}
