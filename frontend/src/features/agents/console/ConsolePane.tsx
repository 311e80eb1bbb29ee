import { useEffect, useLayoutEffect, useRef } from "preact/hooks";

import { currentUser } from "@/lib/api";
import { limit } from "@/lib/config";
import { codePoints } from "@/lib/growingText";
import { formatNumber } from "@/lib/i18n";
import { classes, ComposerField, EmptyState, focusComposer, IconButton, isTouch, Switch, toast } from "@/ui";

import type { Console } from "../model/console";
import type { DraftKeeper } from "../model/draft";
import type { Draft, Estimate } from "../shapes";
import { agentErrorText } from "../words/problems";
import styles from "./console.module.css";
import { RunView } from "./RunView";
import { useEstimate } from "./useEstimate";
import { t } from "./words";

interface Props {
  console: Console;
  /** Absent: a template is asked, of which there is none. */
  draft?: DraftKeeper;
}

const UNCHANGED: Draft = {};

/** Runs what stands in the builder, on the very path that everybody's runs take. */
export function ConsolePane({ console, draft }: Props) {
  const runs = console.runs.value;
  useEffect(() => {
    // What goes on at the server is shown again; without it one can still begin anew.
    void console.attach().catch(() => undefined);
  }, [console]);

  return (
    <section class={styles.console} aria-label={t("console")}>
      <header class={styles.head}>
        <h2>{t("console")}</h2>
        {runs.length > 0 && <IconButton icon="refresh" label={t("fresh")} onClick={() => console.clear()} />}
      </header>
      <Runs console={console} emptyText={t(draft === undefined ? "emptyTrial" : "emptyText")} />
      <Composer console={console} {...(draft && { draft })} />
    </section>
  );
}

function Runs({ console, emptyText }: { console: Console; emptyText: string }) {
  const runs = console.runs.value;
  const room = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);

  // What is asked is in sight, and what comes is followed for as long as one looks at the end.
  useLayoutEffect(() => {
    if (room.current !== null) room.current.scrollTop = room.current.scrollHeight;
  }, [runs.length]);
  useEffect(() => {
    const element = room.current;
    const inner = element?.firstElementChild;
    if (!element || !inner) return;
    const follow = new ResizeObserver(() => {
      if (isAtEnd.current) element.scrollTop = element.scrollHeight;
    });
    follow.observe(inner);
    return () => follow.disconnect();
  }, []);

  return (
    <div
      ref={room}
      class={styles.room}
      tabIndex={0}
      role="log"
      aria-label={t("console")}
      onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
        isAtEnd.current = scrollHeight - scrollTop - clientHeight < 40;
      }}
    >
      <div class={styles.runs}>
        {runs.length === 0 && (
          <EmptyState icon="play" title={t("empty")}>
            {emptyText}
          </EmptyState>
        )}
        {runs.map((run, index) => (
          <RunView key={index} run={run} console={console} />
        ))}
      </div>
    </div>
  );
}

function Composer({ console, draft }: Props) {
  const text = console.text.value;
  const current = console.current.value;
  const known = useEstimate(console, text, draft?.changes.value ?? UNCHANGED);
  const excess = codePoints(text) - limit("agent_prompt_length");
  const canSend = text.trim() !== "" && excess <= 0 && current === null;

  const send = () => {
    if (!canSend) return;
    void console.send(() => draft?.flush() ?? Promise.resolve());
    if (!isTouch()) focusComposer();
  };
  const stop = () => {
    console.stop().catch((error: unknown) => toast(`${t("stopFailed")}. ${agentErrorText(error)}`, { tone: "danger" }));
  };
  return (
    <form
      class={styles.composer}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <Switch
        label={t("reallyCall")}
        hint={t(console.isReal.value ? "real" : "dry")}
        checked={console.isReal.value}
        onChecked={(isReal) => (console.isReal.value = isReal)}
      />
      <div class={styles.field}>
        <ComposerField
          label={t("ask")}
          placeholder={t("placeholder")}
          value={text}
          onValue={(value) => (console.text.value = value)}
          onSend={send}
          onFiles={() => undefined}
          inline
        />
        {current === null ? (
          <IconButton icon="send" variant="primary" label={t("send")} type="submit" disabled={!canSend} />
        ) : (
          <IconButton icon="stop" variant="primary" label={t("stop")} onClick={stop} />
        )}
      </div>
      <p class={classes(styles.estimate, (excess > 0 || known?.fits === false) && styles.warn)}>
        {excess > 0 ? t("tooLong", { count: excess }) : known !== null && <Price known={known} />}
      </p>
    </form>
  );
}

function Price({ known }: { known: Estimate }) {
  const most = formatNumber(known.at_most);
  if (!known.fits) {
    return (
      <>
        {t("unfit", { left: formatNumber(known.tokens_left ?? 0), most })} <a href="/app/billing">{t("seePlans")}</a>
      </>
    );
  }
  const isMine = known.payer.id === currentUser.value?.id;
  const payer = isMine ? t("paidBy") : t("ownerPays", { name: known.payer.name });
  if (known.typical === null) return <>{t("estimateFirst", { prompt: formatNumber(known.prompt_tokens), most, payer })}</>;
  return <>{t("estimate", { typical: formatNumber(known.typical), count: known.typical_of, most, payer })}</>;
}
