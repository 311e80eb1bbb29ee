import { useSignal } from "@preact/signals";
import { useCallback, useRef } from "preact/hooks";

import { ApiError } from "@/lib/api";
import { hasModule } from "@/lib/config";
import { formatDate, formatNumber } from "@/lib/i18n";
import { useResource } from "@/lib/resource";
import { navigate } from "@/lib/router";
import { uuid } from "@/lib/uuid";
import { Alert, Button, Loaded } from "@/ui";

import { askQuote, startWriting } from "../model/api";
import { price } from "../model/money";
import page from "../page.module.css";
import type { PaperDocument, Quote } from "../shapes";
import { Trouble } from "../Trouble";
import { t as common } from "../words";
import { t } from "./words";

/** The third step: what it costs, and the button that says so. */
export function StartStep({ document: { id }, onChanged }: { document: PaperDocument; onChanged: () => void }) {
  const load = useCallback(() => askQuote(id), [id]);
  const quote = useResource(load);
  const isBusy = useSignal(false);
  const trouble = useSignal<unknown>(null);
  const clientId = useRef(uuid());
  const start = async ({ digest }: Quote) => {
    isBusy.value = true;
    trouble.value = null;
    try {
      await startWriting(id, digest, clientId.current);
      onChanged();
      navigate(`/app/documents/${id}/text`);
    } catch (error) {
      trouble.value = error;
      if (isQuote(error)) {
        clientId.current = uuid();
        quote.reload();
      }
    }
    isBusy.value = false;
  };
  return (
    <Loaded from={quote} lines={5}>
      {(asked) => (
        <div class={page.card}>
          <h2>{t("cost")}</h2>
          <Cost quote={asked} />
          <p>{t("whatNext")}</p>
          {trouble.value !== null && <NotStarted error={trouble.value} />}
          <div class={page.buttons}>
            <Button variant="primary" icon="edit" loading={isBusy.value} onClick={() => void start(asked)}>
              {isFree(asked) ? t("start") : t("startFor", { amount: price(asked.amount, asked.currency) })}
            </Button>
            <Button variant="ghost" href={`/app/documents/${id}/outline`}>
              {t("toOutline")}
            </Button>
          </div>
        </div>
      )}
    </Loaded>
  );
}

function isFree({ amount }: Quote): boolean {
  return amount === 0;
}

function isQuote(error: unknown): boolean {
  return error instanceof ApiError && error.code.startsWith("quote_");
}

function Cost({ quote }: { quote: Quote }) {
  const { pages, amount, currency, valid_until: until } = quote;
  return (
    <>
      <p class={page.figure}>{isFree(quote) ? t("free") : t("perOrder", { amount: price(amount, currency), pages: common("pages", { count: pages }) })}</p>
      <Tokens quote={quote} />
      {!isFree(quote) && (
        <p class={page.dim}>
          {t("refund")} {t("validUntil", { date: formatDate(until, { dateStyle: "medium", timeStyle: "short" }) })}
        </p>
      )}
    </>
  );
}

/** Whether the quota is enough, and what happens if not. */
function Tokens({ quote }: { quote: Quote }) {
  const { tokens: count, tokens_left: left } = quote;
  const tokens = common("tokens", { count });
  if (!isFree(quote)) return <p>{t("tokensPaid", { tokens })}</p>;
  if (left === null) return <p>{t("tokensNone", { tokens })}</p>;
  if (count <= left) return <p>{t("tokensNeed", { tokens, left: formatNumber(left) })}</p>;
  const plans = hasModule("billing") && <Button href="/app/billing">{common("seePlans")}</Button>;
  return <Alert tone="warning" title={t("tokensShort", { tokens, left: formatNumber(left) })} action={plans} />;
}

function NotStarted({ error }: { error: unknown }) {
  if (isQuote(error)) return <Alert tone="warning" title={t("quoteChanged")} />;
  if (error instanceof ApiError && error.code === "payment_required") {
    return <Alert tone="info" title={t("payFirst")} action={<Button href="/app/billing/orders">{common("toPayment")}</Button>} />;
  }
  return <Trouble title={t("startFailed")} error={error} />;
}
