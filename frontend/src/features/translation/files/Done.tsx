import { useSignal } from "@preact/signals";

import { errorText } from "@/lib/errorText";
import { formatDate } from "@/lib/i18n";
import { navigate } from "@/lib/router";
import { saveResponse } from "@/lib/saveFile";
import { Badge, Button, ConfirmDialog, toast } from "@/ui";

import { deleteTranslation, openResult } from "../model/api";
import page from "../page.module.css";
import type { TranslatedDocument } from "../shapes";
import { costText, t as common } from "../words";
import styles from "./files.module.css";
import { Review } from "./Review";
import type { StageProps } from "./stage";
import { Warnings } from "./Warnings";
import { t } from "./words";

/** The files, until when they are kept, and what should be looked at. */
export function Done({ document, onChanged }: StageProps) {
  return (
    <>
      <div class={styles.card}>
        <h3>{t("done")}</h3>
        <Result document={document} />
      </div>
      <Review document={document} onChanged={onChanged} />
    </>
  );
}

/** What can be fetched, what it cost, and when it goes. */
export function Result({ document }: { document: TranslatedDocument }) {
  const { files, cost, currency, tokens_charged: tokens, is_demo: isDemo } = document;
  return (
    <>
      {isDemo && (
        <p>
          <Badge tone="pink">{common("demo")}</Badge> {common("demoHint")}
        </p>
      )}
      <Downloads document={document} />
      {document.quote !== null && <Warnings codes={document.quote.warnings} />}
      <p class={page.dim}>{t("charged", { cost: costText(cost, currency), tokens })}</p>
      {files.expire_at !== null && files.result !== null && <Kept document={document} />}
    </>
  );
}

/** As the source, with the language: neither takes the other's place in somebody's folder. */
function resultName({ name, format, target_lang: target }: TranslatedDocument, which: "result" | "bilingual"): string {
  const stem = name.replace(/\.[^.]*$/, "") || name;
  return `${stem}.${target}${which === "bilingual" ? "-both" : ""}.${format}`;
}

function Downloads({ document }: { document: TranslatedDocument }) {
  const { id, files } = document;
  const isBusy = useSignal<string | null>(null);
  const save = async (which: "result" | "bilingual") => {
    isBusy.value = which;
    try {
      await saveResponse(await openResult(id, which), resultName(document, which));
    } catch (error) {
      toast(errorText(error), { tone: "danger" });
    }
    isBusy.value = null;
  };
  if (files.result === null) {
    return <p>{files.expire_at === null ? t("goneNow") : t("gone", { date: formatDate(files.expire_at) })}</p>;
  }
  return (
    <div class={styles.buttons}>
      <Button variant="primary" icon="download" loading={isBusy.value === "result"} onClick={() => void save("result")}>
        {t("download")}
      </Button>
      {files.bilingual !== null && (
        <Button icon="download" loading={isBusy.value === "bilingual"} onClick={() => void save("bilingual")}>
          {t("downloadBoth")}
        </Button>
      )}
    </div>
  );
}

function Kept({ document }: { document: TranslatedDocument }) {
  const { files } = document;
  const isAsking = useSignal(false);
  return (
    <div class={styles.buttons}>
      <span>{t("expires", { date: formatDate(files.expire_at ?? "", { dateStyle: "long" }) })}</span>
      <Button variant="ghost" icon="trash" onClick={() => (isAsking.value = true)}>
        {t("deleteNow")}
      </Button>
      {isAsking.value && (
        <ConfirmDialog
          open
          danger
          title={t("deleteTitle")}
          confirmLabel={t("deleteNow")}
          onClose={() => (isAsking.value = false)}
          onConfirm={async () => {
            try {
              await deleteTranslation(document);
              toast(common("deleted"));
              navigate("/app/translate/files", { replace: true });
            } catch (error) {
              toast(errorText(error), { tone: "danger" });
              isAsking.value = false;
            }
          }}
        >
          <p>{t("deleteText")}</p>
        </ConfirmDialog>
      )}
    </div>
  );
}
