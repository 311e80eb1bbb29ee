import type { ComponentChildren } from "preact";
import type { Signal } from "@preact/signals";

import { formatNumber } from "@/lib/i18n";
import { Dialog } from "@/ui";

import { findModel } from "../model/catalogue";
import { day } from "../day";
import { effortName } from "../models/words";
import { exactDollars, seesCosts } from "../money";
import type { Message } from "../shapes";
import styles from "./receipt.module.css";
import { t } from "./words";

/** What one answer took: what was read, thought and written, and what that cost on its day. */
export function Receipt({ message, open }: { message: Message; open: Signal<boolean> }) {
  return (
    <Dialog open={open.value} onClose={() => (open.value = false)} title={t("receipt")}>
      <dl class={styles.receipt}>
        <Line name={t("receiptModel")}>{findModel(message.model)?.name ?? message.model}</Line>
        {message.effort !== null && <Line name={t("receiptEffort")}>{effortName(message.effort)}</Line>}
        <Tokens message={message} />
        <Held message={message} />
        <Cost message={message} />
      </dl>
      {message.estimated && <p class={styles.quiet}>{t("receiptEstimated")}</p>}
    </Dialog>
  );
}

function Tokens({ message }: { message: Message }) {
  const { prompt_tokens: read, completion_tokens: completion, reasoning_tokens: thought, total_tokens: total } = message;
  const { cached_tokens: cached, cache_write_tokens: stored } = message;
  // What a model thinks is a part of what it is said to have written.
  const wrote = Math.max(0, (completion ?? 0) - (thought ?? 0));
  return (
    <>
      <Line name={t("receiptRead")}>{t("tokens", { count: read ?? 0 })}</Line>
      {cached > 0 && <Line name={t("receiptCached")} isPart>{formatNumber(cached)}</Line>}
      {stored > 0 && <Line name={t("receiptStored")} isPart>{formatNumber(stored)}</Line>}
      {thought !== null && <Line name={t("receiptThought")}>{t("tokens", { count: thought })}</Line>}
      <Line name={t("receiptWrote")}>{t("tokens", { count: wrote })}</Line>
      <Line name={t("receiptTotal")}>{t("tokens", { count: total ?? 0 })}</Line>
    </>
  );
}

/** What was set aside beforehand, and what of it came back. */
function Held({ message: { held_tokens: held, released_tokens: released } }: { message: Message }) {
  if (held === null || released === null) return null;
  return (
    <>
      <Line name={t("receiptHeld")}>{t("tokens", { count: held })}</Line>
      <Line name={t("receiptReleased")} isPart>{formatNumber(released)}</Line>
    </>
  );
}

function Cost({ message: { cost, priced } }: { message: Message }) {
  if (cost === null || !seesCosts()) return null;
  return (
    <Line name={t("receiptCost")}>
      {exactDollars(cost)}
      {priced !== null && <span class={styles.quiet}> {t("priced", { date: day(priced) })}</span>}
    </Line>
  );
}

function Line({ name, isPart = false, children }: { name: string; isPart?: boolean; children: ComponentChildren }) {
  return (
    <div class={isPart ? styles.part : undefined}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
