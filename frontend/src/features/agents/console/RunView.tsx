import { useSignal } from "@preact/signals";

import { hasModule } from "@/lib/config";
import { ApprovalCard } from "../approvals/ApprovalCard";
import type { Console } from "../model/console";
import type { RunModel } from "../model/run";
import { canGoOn, reasonText, stateName, t as shared } from "../words";
import { agentErrorText } from "../words/problems";
import { Alert, Button, toast } from "@/ui";

import styles from "./console.module.css";
import { StepView } from "./StepView";
import { t } from "./words";

/** One question and what it set going. */
export function RunView({ run, console }: { run: RunModel; console: Console }) {
  const asking = run.asking.value;
  return (
    <article class={styles.run}>
      <p class={styles.question} dir="auto">
        <span class="visually-hidden">{t("you")}: </span>
        {run.prompt}
      </p>
      <ol class={styles.steps}>
        {run.steps.value.map((step) => (
          <StepView key={step.n} step={step} isDry={run.isDry.value} />
        ))}
      </ol>
      {asking.length > 0 && (
        <ApprovalCard
          key={asking.map(({ n }) => n).join()}
          approvals={asking}
          onDecide={(approval, decision, remember) => console.decide(run, approval, decision, remember)}
        />
      )}
      {run.isReconnecting.value && <p class={styles.dim} role="status">{t("reconnecting")}</p>}
      <Ending run={run} console={console} />
    </article>
  );
}

function Ending({ run, console }: { run: RunModel; console: Console }) {
  const isBusy = useSignal(false);
  const end = run.end.value;
  const id = run.id.value;
  const goOn = async () => {
    isBusy.value = true;
    try {
      await console.goOn(run);
    } catch (error) {
      toast(agentErrorText(error), { tone: "danger" });
    } finally {
      isBusy.value = false;
    }
  };
  const mayGoOn = end !== null && id !== null && canGoOn(end.reason);
  return (
    <footer class={styles.foot}>
      {end !== null && end.state !== "complete" && (
        <Alert
          tone={end.state === "failed" ? "danger" : "warning"}
          title={stateName(end.state)}
          action={
            mayGoOn && (
              <Button icon="play" loading={isBusy.value} title={t("goOnHint")} onClick={() => void goOn()}>
                {t("goOn")}
              </Button>
            )
          }
        >
          {end.reason !== null ? reasonText(end.reason) : end.error !== null && agentErrorText(end.error)}
          {(end.reason === "payer_tokens" || end.error?.code === "token_limit_exceeded") && hasModule("billing") && (
            <>
              {" "}
              <a href="/app/billing">{t("seePlans")}</a>
            </>
          )}
        </Alert>
      )}
      {id !== null && (
        <p class={styles.dim}>
          {run.isLive.value && `${stateName(run.state.value)} · `}
          {shared("tokens", { count: run.tokens.value })}
          {run.isEstimated.value && ` (${t("estimated")})`}
          {` · ${shared("calls", { count: run.calls.value })} · `}
          <a href={`/app/agents/runs/${id}`}>{t("trace")}</a>
        </p>
      )}
    </footer>
  );
}
