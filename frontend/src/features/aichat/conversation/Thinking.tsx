import { useComputed, useSignal } from "@preact/signals";
import { useEffect, useId } from "preact/hooks";

import { Icon } from "@/ui";

import type { MessageModel } from "../model/message";
import { latestSentence } from "../stream/thoughts";
import styles from "./thinking.module.css";
import { duration, t } from "./words";

const TICK_MS = 1000;

/**
 * What the model thought before it wrote: one quiet line while it does, and one afterwards, which opens to the whole. It
 * is no part of the answer. Nothing where no thinking was heard of.
 */
export function Thinking({ answer }: { answer: MessageModel }) {
  const id = useId();
  const isThinking = useComputed(() => answer.thinkingSince.value !== null).value;
  const { reasoning_tokens: tokens, thinking_ms: time } = answer.data.value;
  const hasText = useComputed(() => answer.reasoning.value !== "").value;
  const isOpen = answer.isUnfolded.value && hasText;
  if (!isThinking && !hasText && (tokens ?? 0) === 0) return null;

  const line = isThinking ? <Running answer={answer} /> : <Ended tokens={tokens} time={time} />;
  return (
    <div class={styles.thinking}>
      {hasText ? (
        <button
          type="button"
          class={styles.line}
          aria-expanded={isOpen}
          aria-controls={id}
          onClick={() => (answer.isUnfolded.value = !isOpen)}
        >
          <Icon name={isOpen ? "down" : "right"} size="s" />
          {line}
        </button>
      ) : (
        <p class={styles.line}>{line}</p>
      )}
      <div id={id} hidden={!isOpen}>
        {isOpen && <Text answer={answer} />}
      </div>
    </div>
  );
}

/** Seconds are counted here: the server tells of them only now and then. */
function Running({ answer }: { answer: MessageModel }) {
  const now = useSignal(performance.now());
  useEffect(() => {
    const timer = setInterval(() => (now.value = performance.now()), TICK_MS);
    return () => clearInterval(timer);
  }, [now]);
  const time = duration(now.value - (answer.thinkingSince.value ?? now.value));
  return (
    <>
      <span class={styles.time}>{t("thinkingFor", { time })}</span>
      {!answer.isUnfolded.value && (
        <span class={styles.sentence} dir="auto" aria-hidden="true">
          {latestSentence(answer.reasoning.value)}
        </span>
      )}
    </>
  );
}

function Ended({ tokens, time }: { tokens: number | null; time: number | null }) {
  const parts = [
    time === null ? t("thought") : t("thoughtFor", { time: duration(time) }),
    ...(tokens === null || tokens === 0 ? [] : [t("thoughtTokens", { count: tokens })]),
  ];
  return <span class={styles.time}>{parts.join(" · ")}</span>;
}

/** As it came, without Markdown: a model writes to itself here. */
function Text({ answer }: { answer: MessageModel }) {
  return (
    <div role="note" aria-label={t("thoughts")} class={styles.note}>
      <p class={styles.text} dir="auto">
        {answer.reasoning.value}
      </p>
      <p class={styles.hint}>{t("thoughtsHint")}</p>
    </div>
  );
}
