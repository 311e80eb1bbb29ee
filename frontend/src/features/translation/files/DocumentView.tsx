import { Button, EmptyState, Loaded, ProgressBar } from "@/ui";
import type { Resource } from "@/lib/resource";

import { useDocument } from "../model/document";
import { languageName } from "../model/languages";
import page from "../page.module.css";
import type { TranslatedDocument } from "../shapes";
import { t as common } from "../words";
import { Done } from "./Done";
import { Failed } from "./Failed";
import styles from "./files.module.css";
import { QuoteCard } from "./QuoteCard";
import type { StageProps } from "./stage";
import { t } from "./words";
import { Working } from "./Working";

/** One file, from reading it to downloading it: what is shown follows from its stage alone. */
export function DocumentView({ id }: { id: string }) {
  const resource: Resource<TranslatedDocument> = useDocument(id);
  return (
    <section class={page.section}>
      <p>
        <a href="/app/translate/files">{t("back")}</a>
      </p>
      <Loaded from={resource} lines={6}>
        {(document) => (
          <>
            <Head document={document} />
            <OfStage document={document} onChanged={resource.reload} />
          </>
        )}
      </Loaded>
    </section>
  );
}

function Head({ document: { name, source_lang: given, detected_lang: detected, target_lang: target } }: { document: TranslatedDocument }) {
  const from = given || detected;
  return (
    <header>
      <h2 class={styles.filename} dir="auto">
        {name}
      </h2>
      <p class={page.dim}>{from ? common("pair", { from: languageName(from), to: languageName(target) }) : languageName(target)}</p>
    </header>
  );
}

function OfStage(props: StageProps) {
  switch (props.document.stage) {
    case "inspecting":
      return <Reading />;
    case "ready":
      return <QuoteCard {...props} />;
    case "done":
      return <Done {...props} />;
    case "failed":
      return <Failed {...props} />;
    case "cancelled":
      return (
        <EmptyState icon="close" title={t("cancelled")} action={<Button href="/app/translate/files">{t("startAgain")}</Button>}>
          {t("cancelledText")}
        </EmptyState>
      );
    default:
      return <Working {...props} />;
  }
}

function Reading() {
  return (
    <div class={styles.card} role="status">
      <h3>{t("reading")}</h3>
      <div class={styles.endless}>
        <ProgressBar value={1} max={1} label={t("reading")} tone="cyan" />
      </div>
      <p class={page.dim}>{t("readingText")}</p>
    </div>
  );
}
