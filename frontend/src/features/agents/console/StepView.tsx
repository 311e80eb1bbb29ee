import { useComputed } from "@preact/signals";

import { formatNumber } from "@/lib/i18n";
import { Badge, classes, Icon } from "@/ui";

import { wireText } from "../approvals/wire";
import type { StepModel } from "../model/step";
import type { StepState } from "../shapes";
import { stateName } from "../words";
import { figures } from "../words/figures";
import styles from "./console.module.css";
import { Json } from "./Json";
import { ModelText } from "./ModelText";
import { t } from "./words";

/** One step as it happens: words of the model, or a call with what went in and what came out. */
export function StepView({ step, isDry }: { step: StepModel; isDry: boolean }) {
  return step.kind === "model" ? <Words step={step} /> : <Call step={step} isDry={isDry} />;
}

function Words({ step }: { step: StepModel }) {
  const isWhole = useComputed(() => step.data.value.state !== "open");
  const { attempt, isClosing, state } = step.data.value;
  const isEmpty = step.text.value === "";
  // A step that only calls has no words.
  if (isEmpty && state !== "open") return null;
  return (
    <li class={styles.words}>
      {(attempt > 1 || isClosing) && (
        <p class={styles.dim}>{isClosing ? t("closing") : t("attempt", { count: formatNumber(attempt) })}</p>
      )}
      {isEmpty ? <p class={styles.dim}>{t("thinking")}</p> : <ModelText text={step.text} isWhole={isWhole} />}
    </li>
  );
}

const TONES: Partial<Record<StepState, "cyan" | "pink" | "gold">> = { done: "cyan", failed: "pink", unknown: "pink", denied: "gold" };

function Call({ step, isDry }: { step: StepModel; isDry: boolean }) {
  const data = step.data.value;
  const isBad = data.state === "failed" || data.state === "unknown";
  const tone = TONES[data.state] ?? "plain";
  const taken = figures({ ...data, tokens: null });
  return (
    <li class={classes(styles.call, isBad && styles.bad)}>
      <details>
        <summary>
          <Icon name={data.effect === "write" ? "edit" : "bolt"} size="s" />
          <span class={styles.callName}>{t("call", { name: data.name })}</span>
          <span class={styles.callState}>
            <Badge tone={tone}>{stateName(data.state)}</Badge>
            {isDry && data.state === "done" && <Badge>{t("dryBadge")}</Badge>}
          </span>
          {taken !== "" && <span class={styles.dim}>{taken}</span>}
        </summary>
        <h4>{t("arguments")}</h4>
        <Json value={data.arguments} />
        {data.request !== null && (
          <>
            <h4>{t("request")}</h4>
            <Json value={"method" in data.request ? wireText(data.request) : data.request} />
          </>
        )}
        {data.result !== null && (
          <>
            <h4>{t("result")}</h4>
            <pre class={styles.pre} dir="auto" tabIndex={0}>{data.result}</pre>
          </>
        )}
      </details>
      {data.error !== null && data.error !== "" && <p class={styles.error}>{data.error}</p>}
    </li>
  );
}
