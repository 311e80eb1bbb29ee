import { useSignal } from "@preact/signals";
import { useId } from "preact/hooks";

import { ApiError } from "@/lib/api";
import { formatDate, formatNumber } from "@/lib/i18n";
import { Alert, Button, classes, Skeleton } from "@/ui";

import { startDocument } from "../model/api";
import { languageName } from "../model/languages";
import { price } from "../model/money";
import page from "../page.module.css";
import { serviceName } from "../serviceWords";
import type { Offer, Quote, TranslatedDocument } from "../shapes";
import { Trouble } from "../Trouble";
import { costText, t as common } from "../words";
import styles from "./files.module.css";
import { Sample } from "./Sample";
import type { StageProps } from "./stage";
import { Warnings } from "./Warnings";
import { t } from "./words";

/** What was read, what each service asks for it, and the button that names the price. */
export function QuoteCard({ document, onChanged }: StageProps) {
  const { quote, id } = document;
  const wanted = useSignal<string | null>(null);
  const isBusy = useSignal(false);
  const trouble = useSignal<unknown>(null);
  if (quote === null) return <Skeleton lines={5} />;
  const offers = quote.others;
  const chosen = offers.find(({ digest }) => digest === (wanted.value ?? quote.digest)) ?? offers[0];
  if (chosen === undefined) return null;

  const begin = async () => {
    isBusy.value = true;
    trouble.value = null;
    try {
      await startDocument(id, chosen.digest);
    } catch (error) {
      trouble.value = error;
    }
    isBusy.value = false;
    onChanged();
  };
  return (
    <div class={styles.card}>
      <h3>{t("ready")}</h3>
      <Facts document={document} />
      <Offers offers={offers} chosen={chosen} onChoose={(digest) => (wanted.value = digest)} />
      <Warnings codes={quote.warnings} />
      <Sample document={document} onChanged={onChanged} />
      <Tokens left={quote.tokens_left} offer={chosen} />
      {trouble.value !== null && <NotStarted error={trouble.value} />}
      <div class={styles.buttons}>
        <Button variant="primary" icon="globe" loading={isBusy.value} onClick={() => void begin()}>
          {Number(chosen.cost) === 0 ? t("beginFree") : t("begin", { price: price(chosen.cost, chosen.currency) })}
        </Button>
      </div>
    </div>
  );
}

function Facts({ document }: { document: TranslatedDocument }) {
  const { format, pages, char_count: count, source_lang: given, detected_lang: detected, detected_sure: isSure } = document;
  const characters = common("characters", { count });
  const name = format.toUpperCase();
  return (
    <p>
      {pages === null ? t("lengths", { format: name, characters }) : t("lengthsPages", { format: name, characters, pages: common("pages", { count: pages }) })}
      {!given && detected && (
        <>
          <br />
          {t(isSure === false ? "languageUnsure" : "language", { language: languageName(detected) })}
        </>
      )}
    </p>
  );
}

interface OffersProps {
  offers: readonly Offer[];
  chosen: Offer;
  onChoose: (digest: string) => void;
}

/** All services side by side. */
function Offers({ offers, chosen, onChoose }: OffersProps) {
  const name = useId();
  return (
    <fieldset class={styles.offers}>
      <legend>{t("offers")}</legend>
      <div class={styles.choice}>
        {offers.map((offer) => (
          <label key={offer.digest} class={classes(styles.offer, offer === chosen && styles.chosen)}>
            <input type="radio" name={name} class="visually-hidden" checked={offer === chosen} onChange={() => onChoose(offer.digest)} />
            <span class={styles.service}>{serviceName(offer.service, offer.label)}</span>
            <strong class={styles.price}>{costText(offer.cost, offer.currency)}</strong>
            <span class={page.dim}>{t(offer.path || "in_place")}</span>
            <span class={page.dim}>
              {common("units", { count: offer.chunk_count })} · {t(offer.service === "llm" ? "quoteTokensMost" : "quoteTokens", { count: offer.tokens })}
            </span>
            {offer.billed_chars > offer.characters && <span class={page.dim}>{t("minimum", { count: offer.billed_chars })}</span>}
          </label>
        ))}
      </div>
      {chosen.keeps_data !== "" && <p class={page.dim}>{chosen.keeps_data}</p>}
    </fieldset>
  );
}

/** Whether the quota is enough, and if not, until when it takes. */
function Tokens({ left, offer: { service, tokens, finishes_at: end } }: { left: Quote["tokens_left"]; offer: Offer }) {
  if (left === null) return <p class={page.dim}>{t("tokensUnlimited", { tokens })}</p>;
  if (tokens <= left) return <p class={page.dim}>{t(service === "llm" ? "tokensEnoughMost" : "tokensEnough", { tokens, left })}</p>;
  const said = { tokens: formatNumber(tokens), left: formatNumber(left) };
  return (
    <Alert
      tone="warning"
      title={end === null ? t("tokensShortPlain", said) : t("tokensShort", { ...said, date: formatDate(end, { dateStyle: "medium", timeStyle: "short" }) })}
    />
  );
}

function NotStarted({ error }: { error: unknown }) {
  if (error instanceof ApiError && error.code.startsWith("quote_")) return <Alert tone="warning" title={t("quoteChanged")} />;
  return <Trouble title={t("startFailed")} error={error} />;
}
