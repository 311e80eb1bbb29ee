import { useSignal } from "@preact/signals";

import { formatDate } from "@/lib/i18n";
import { Alert, Badge, Button, TextArea, toast } from "@/ui";

import { confirmCitation, overrideCitation, recheckCitation } from "../model/api";
import { isOverridden, lampOf, LAMPS, worst } from "../model/lamps";
import { addressOf, facts } from "../model/sources";
import page from "../page.module.css";
import type { Citation, LampName, Source } from "../shapes";
import { Trouble } from "../Trouble";
import { t as common } from "../words";
import styles from "./citations.module.css";
import { LampSign } from "./Lamps";
import { reasonText } from "./reasons";
import { t } from "./words";

interface Props {
  documentId: string;
  citation: Citation;
  source: Source | null;
  onChanged: (citation: Citation) => void;
  onClose: () => void;
}

/** One citation: the sentence, the words it rests on, its source, and what was checked. */
export function CitationPanel(props: Props) {
  const { citation, source, onClose } = props;
  const { sentence, claim, quote, locator } = citation;
  return (
    <article class={styles.panel} aria-label={source?.csl.title ?? citation.source}>
      <header>
        <Button variant="ghost" icon="left" onClick={onClose}>
          {t("backToList")}
        </Button>
      </header>
      <SourceHead keyName={citation.source} source={source} />
      <Part title={t("sentence")} text={sentence} />
      {claim !== "" && claim !== sentence && <Part title={t("claim")} text={claim} />}
      <section>
        <h4 class={styles.label}>{t("quote")}</h4>
        {quote === "" ? (
          <p class={page.dim}>{t("noQuote")}</p>
        ) : (
          <blockquote class={styles.quote} dir="auto">
            {quote}
            {locator !== "" && <footer class={page.dim}>{t("at", { locator })}</footer>}
          </blockquote>
        )}
      </section>
      <section>
        <h4 class={styles.label}>{t("lamps")}</h4>
        <ul class={styles.checks}>
          {LAMPS.map((name) => (
            <Check key={name} name={name} citation={citation} />
          ))}
        </ul>
      </section>
      <Doing {...props} />
      {source !== null && source.abstract !== "" && (
        <details>
          <summary class={styles.summary}>{t("passages")}</summary>
          <p dir="auto">{source.abstract}</p>
        </details>
      )}
    </article>
  );
}

function SourceHead({ keyName, source }: { keyName: string; source: Source | null }) {
  if (source === null) return <h3>{t("unknownSource", { key: keyName })}</h3>;
  const address = addressOf(source);
  return (
    <header class={page.words}>
      <h3 class={page.title} dir="auto">
        {source.csl.title ?? source.key}
      </h3>
      <p class={page.dim} dir="auto">
        {facts(source)}
      </p>
      {source.is_demo && <p class={page.dim}>{t("demoSource")}</p>}
      {source.retraction !== "" && (
        <span class={page.badges}>
          <Badge tone="pink">{t("retracted")}</Badge>
        </span>
      )}
      {address !== null && (
        <a href={address} target="_blank" rel="noopener noreferrer">
          {t("openSource")}
        </a>
      )}
    </header>
  );
}

function Part({ title, text }: { title: string; text: string }) {
  return (
    <section>
      <h4 class={styles.label}>{title}</h4>
      <p dir="auto">{text}</p>
    </section>
  );
}

function Check({ name, citation }: { name: LampName; citation: Citation }) {
  const { lamp, reasons, detail, method, at } = lampOf(citation, name);
  const known = method === "computed" || method === "model" || method === "person" ? method : "";
  return (
    <li class={styles.check}>
      <LampSign colour={lamp} />
      <span>
        <strong>{t("lampSaid", { name: t(name), colour: t(lamp) })}</strong>
        {reasons.length > 0 && (
          <span class={styles.line}>
            {reasonText(reasons)} {detail !== "" && <q dir="auto">{detail}</q>}
          </span>
        )}
        {at !== null && (
          <span class={styles.line}>
            <span class={page.dim}>{t("checkedAt", { method: t(`method_${known}`), date: formatDate(at, { dateStyle: "medium" }) })}</span>
          </span>
        )}
      </span>
    </li>
  );
}

/** What one may do about it: have it looked at again, or take it upon oneself. */
function Doing({ documentId, citation, onChanged }: Props) {
  const { id, override_reason: reason, overridden_at: at, confirmed_at: confirmed } = citation;
  const busy = useSignal<"recheck" | "confirm" | null>(null);
  const trouble = useSignal<unknown>(null);
  const press = async (what: "recheck" | "confirm") => {
    busy.value = what;
    trouble.value = null;
    try {
      onChanged(await (what === "recheck" ? recheckCitation : confirmCitation)(documentId, id));
      if (what === "recheck") toast(t("rechecked"));
    } catch (error) {
      trouble.value = error;
    }
    busy.value = null;
  };
  const canConfirm = confirmed === null && lampOf(citation, "support").lamp === "amber";
  return (
    <>
      {confirmed !== null && <p>{t("confirmed", { date: formatDate(confirmed) })}</p>}
      {isOverridden(citation) && at !== null && (
        <Alert tone="info" title={t("overridden", { date: formatDate(at) })}>
          {reason}
        </Alert>
      )}
      {trouble.value !== null && <Trouble title={t("recheckFailed")} error={trouble.value} />}
      <div class={page.buttons}>
        {canConfirm && (
          <Button icon="check" loading={busy.value === "confirm"} onClick={() => void press("confirm")}>
            {t("confirm")}
          </Button>
        )}
        <Button icon="refresh" loading={busy.value === "recheck"} onClick={() => void press("recheck")}>
          {t("recheck")}
        </Button>
      </div>
      {canConfirm && <p class={page.dim}>{t("confirmHint")}</p>}
      {worst(citation) !== "green" && !isOverridden(citation) && <Override documentId={documentId} citation={citation} onChanged={onChanged} />}
    </>
  );
}

function Override({ documentId, citation, onChanged }: Pick<Props, "documentId" | "citation" | "onChanged">) {
  const isAsking = useSignal(false);
  const reason = useSignal("");
  const isBusy = useSignal(false);
  const trouble = useSignal<unknown>(null);
  if (!isAsking.value) {
    return (
      <div class={page.buttons}>
        <Button variant="ghost" icon="shield" onClick={() => (isAsking.value = true)}>
          {t("override")}
        </Button>
      </div>
    );
  }
  const save = async () => {
    isBusy.value = true;
    trouble.value = null;
    try {
      onChanged(await overrideCitation(documentId, citation.id, reason.value.trim()));
    } catch (error) {
      trouble.value = error;
    }
    isBusy.value = false;
  };
  return (
    <form
      class={page.section}
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <TextArea autoFocus label={t("overrideReason")} hint={t("overrideHint")} rows={2} maxLength={500} value={reason.value} onValue={(value) => (reason.value = value)} />
      {trouble.value !== null && <Trouble title={t("overrideFailed")} error={trouble.value} />}
      <div class={page.buttons}>
        <Button type="submit" variant="primary" loading={isBusy.value} disabled={reason.value.trim() === ""}>
          {t("overrideSave")}
        </Button>
        <Button onClick={() => (isAsking.value = false)}>{common("cancel")}</Button>
      </div>
    </form>
  );
}
