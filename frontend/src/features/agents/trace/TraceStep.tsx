import { useComputed, useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";

import { Badge } from "@/ui";

import { wireText } from "../approvals/wire";
import { Json } from "../console/Json";
import { ModelText } from "../console/ModelText";
import { secondsOf } from "../model/step";
import type { Step, StepState } from "../shapes";
import { stateName } from "../words";
import { figures } from "../words/figures";
import styles from "./trace.module.css";
import { t } from "./words";

const TONES: Partial<Record<StepState, "cyan" | "pink" | "gold">> = { done: "cyan", failed: "pink", unknown: "pink", denied: "gold" };

/** A line that says what it was and what it took; opened, all of it. */
export function TraceStep({ step }: { step: Step }) {
  const isModel = step.kind === "model";
  const tone = TONES[step.state] ?? "plain";
  const bytes = typeof step.response?.bytes === "number" ? step.response.bytes : null;
  const tokens = step.prompt_tokens + step.completion_tokens;
  return (
    <li class={styles.step}>
      <details>
        <summary>
          <span class={styles.n}>{step.n}</span>
          <strong>{isModel ? t("model") : step.name}</strong>
          <Badge tone={tone}>{stateName(step.state)}</Badge>
          {step.is_closing && <Badge tone="gold">{t("closing")}</Badge>}
          {step.status_code !== null && <Badge>{String(step.status_code)}</Badge>}
          <span class={styles.dim}>
            {figures({ seconds: secondsOf(step), bytes, tokens })}
            {step.attempt > 1 && ` · ${t("attempts", { count: step.attempt })}`}
          </span>
        </summary>
        <div class={styles.inside}>{isModel ? <Said step={step} /> : <Called step={step} />}</div>
      </details>
      {step.error !== null && step.error !== "" && <p class={styles.error}>{step.error}</p>}
    </li>
  );
}

function Said({ step: { text, calls } }: { step: Step }) {
  const shown = useSignal(text ?? "");
  const isWhole = useComputed(() => true);
  return (
    <>
      {text !== null && text !== "" && (
        <Part title={t("said")}>
          <ModelText text={shown} isWhole={isWhole} />
        </Part>
      )}
      {calls.length > 0 && (
        <Part title={t("wanted")}>
          {calls.map((call) => (
            <Json key={call.id} value={`${call.name}(${call.arguments})`} />
          ))}
        </Part>
      )}
    </>
  );
}

function Called({ step }: { step: Step }) {
  const { request, response, result, approval } = step;
  return (
    <>
      {step.arguments !== null && (
        <Part title={t("arguments")}>
          <Json value={step.arguments} />
        </Part>
      )}
      {approval !== null && (
        <Part title={t("approval")}>
          <p>
            {t(approval.state)} · {approval.asked_of.name}
          </p>
        </Part>
      )}
      {request !== null && (
        <Part title={t("request")}>
          <Json value={"method" in request ? wireText(request) : request} />
        </Part>
      )}
      {response !== null && (
        <Part title={t("response")}>
          <Json value={[response.text, response.body].find((text) => typeof text === "string") ?? response} />
        </Part>
      )}
      {result !== null && result !== "" && (
        <Part title={t("given")}>
          <Json value={result} />
        </Part>
      )}
    </>
  );
}

function Part({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <section class={styles.piece}>
      <h3>{title}</h3>
      {children}
    </section>
  );
}
