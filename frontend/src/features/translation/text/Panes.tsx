import { useLayoutEffect, useRef } from "preact/hooks";

import { ApiError } from "@/lib/api";
import { copyText } from "@/lib/clipboard";
import { limit } from "@/lib/config";
import { Badge, Button, classes, IconButton, isComposing, isEnter, isTouch, MODIFIER, Skeleton, toast } from "@/ui";

import { flagText } from "../flags";
import { otherTarget } from "../model/choice";
import { languageName, likedTargets } from "../model/languages";
import { costOf, tokensOf, unitsOf } from "../model/money";
import type { TextTranslation } from "../model/text";
import { Trouble } from "../Trouble";
import type { Languages, Service } from "../shapes";
import { costText, t as common } from "../words";
import styles from "./text.module.css";
import { t } from "./words";

/** Both borders: `scrollHeight` leaves them out, `height` does not. */
const BORDERS_PX = 6;
/** The style sheet does it alone; measured by hand, a long text is laid out three times for each key. */
const GROWS = (globalThis as { CSS?: Partial<typeof CSS> }).CSS?.supports?.("field-sizing", "content") ?? false;

interface Props {
  text: TextTranslation;
  service: Service;
  /** Null until they are there. */
  offered: Languages | null;
}

/** The text, what it will cost, and its translation. */
export function Panes({ text, service, offered }: Props) {
  return (
    <div class={styles.panes}>
      <Source text={text} />
      <Target text={text} offered={offered} />
      <Action text={text} service={service} />
      <Notes text={text} />
    </div>
  );
}

function Source({ text }: { text: TextTranslation }) {
  const field = useRef<HTMLTextAreaElement>(null);
  const value = text.source.value;

  useLayoutEffect(() => {
    if (GROWS || field.current === null) return;
    field.current.style.height = "auto";
    field.current.style.height = `${field.current.scrollHeight + BORDERS_PX}px`;
  }, [value]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (isComposing(event) || !isEnter(event) || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    void text.translate();
  };
  return (
    <section class={styles.pane} data-is="source">
      <textarea
        ref={field}
        class={styles.field}
        rows={6}
        dir="auto"
        lang={text.sourceLang.value}
        aria-label={t("source")}
        placeholder={t("placeholder")}
        value={value}
        onInput={(event) => (text.source.value = event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      {value !== "" && (
        <span class={styles.corner}>
          <IconButton icon="close" label={t("clear")} onClick={() => text.clear()} />
        </span>
      )}
    </section>
  );
}

/** What it weighs and costs stands beside the button, before anything is sent. */
function Action({ text, service }: Omit<Props, "offered">) {
  const count = text.characters.value;
  const most = limit("translation_chars");
  const isTooLong = count > most;
  const isWorking = text.state.value === "working";
  return (
    <div class={styles.action}>
      <p class={classes(styles.counter, isTooLong && styles.over)} {...(isTooLong && { role: "alert" })}>
        {isTooLong ? t("tooLong", { most }) : weight(text.source.value, count, service)}
      </p>
      {!isTouch() && <kbd class={styles.keys}>{t("keys", { keys: `${MODIFIER} + Enter` })}</kbd>}
      {isWorking ? (
        <Button icon="stop" onClick={() => text.stop()}>
          {t("stop")}
        </Button>
      ) : (
        <Button variant="primary" icon="globe" disabled={!text.canTranslate.value || isTooLong} onClick={() => void text.translate()}>
          {t("translate")}
        </Button>
      )}
    </div>
  );
}

function weight(text: string, count: number, { id, price_per_1800_chars: each, currency }: Service): string {
  const units = unitsOf(count);
  const tokens = tokensOf(text, count);
  // A model counts what it is told around the text, and each further try.
  const cost = id === "llm" ? [t("tokensByUse", { count: tokens })] : [costText(costOf(units, each), currency), common("tokens", { count: tokens })];
  return [common("characters", { count }), common("units", { count: units }), ...cost].join(" · ");
}

function Target({ text, offered }: Omit<Props, "service">) {
  const { value: state } = text.state;
  const { value: result } = text.result;
  return (
    <section class={styles.pane} data-is="target" aria-label={t("result")} aria-busy={state === "working"}>
      <div class={styles.result}>
        {result === "" ? (
          <Before text={text} offered={offered} />
        ) : (
          <p class={classes(styles.words, state === "working" && styles.growing)} dir="auto" lang={text.targetLang.value}>
            {result}
          </p>
        )}
        {result !== "" && state === "failed" && <Failure text={text} offered={offered} />}
      </div>
      {result !== "" && (
        <span class={styles.corner}>
          <IconButton icon="copy" label={t("copy")} onClick={async () => toast(t((await copyText(result)) ? "copied" : "copyFailed"))} />
        </span>
      )}
    </section>
  );
}

function Before({ text, offered }: Omit<Props, "service">) {
  if (text.state.value === "failed") return <Failure text={text} offered={offered} />;
  if (text.state.value === "working") return <Skeleton lines={3} label={t("translating")} />;
  return <p class={styles.dim}>{t("resultEmpty")}</p>;
}

/** A text that is in the language it was to be translated into is wanted in another one, most likely. */
function Failure({ text, offered }: Omit<Props, "service">) {
  const { value: error } = text.error;
  const isSame = error instanceof ApiError && error.code === "same_language" && offered !== null;
  const other = isSame ? otherTarget(text.targetLang.value, offered, likedTargets()) : null;
  const into = (language: string) => {
    text.targetLang.value = language;
    void text.translate();
  };
  const instead = other === null ? null : { label: t("into", { language: languageName(other) }), onClick: () => into(other) };
  return <Trouble title={t("failed")} error={error} onAgain={() => void text.translate()} instead={instead} />;
}

/** What one should know of a translation that is there. */
function Notes({ text }: { text: TextTranslation }) {
  const answer = text.answer.value;
  if (text.state.value !== "done" || answer === null) return null;
  const { cost, currency, tokens_charged: tokens, is_demo: isDemo, detected_sure: isSure, flags } = answer;
  return (
    <div class={styles.notes} role="status">
      {isDemo && (
        <p>
          <Badge tone="pink">{common("demo")}</Badge> {common("demoHint")}
        </p>
      )}
      {text.isStale.value && <p>{t("stale")}</p>}
      {isSure === false && <p>{t("unsure")}</p>}
      {flags.length > 0 && <p class={styles.over}>{t("flagged", { flags: flags.map(flagText).join(", ") })}</p>}
      <p class={styles.dim}>{t("charged", { cost: costText(cost, currency), count: tokens })}</p>
    </div>
  );
}
