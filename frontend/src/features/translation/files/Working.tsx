import { useSignal } from "@preact/signals";

import { errorText } from "@/lib/errorText";
import { hasModule } from "@/lib/config";
import { formatDate } from "@/lib/i18n";
import { Alert, Button, ConfirmDialog, ProgressBar, toast } from "@/ui";

import { cancelDocument } from "../model/api";
import { faultText } from "../model/fault";
import page from "../page.module.css";
import type { TranslatedDocument } from "../shapes";
import { t as common } from "../words";
import { ChunkGrid } from "./ChunkGrid";
import styles from "./files.module.css";
import type { StageProps } from "./stage";
import { t } from "./words";

/** How far it is, part by part. */
export function Working({ document, onChanged }: StageProps) {
  const { stage, progress, part_done: done, part_count: parts } = document;
  const title = t(stage as "working");
  return (
    <div class={styles.card}>
      <h3>{title}</h3>
      <ProgressBar value={progress} max={100} label={title} />
      <p class={page.dim} role="status">
        {parts > 0 && t("progress", { done, parts: t("parts", { count: parts }), percent: progress })}
      </p>
      <Waiting document={document} />
      <ChunkGrid document={document} onChanged={onChanged} />
      <p class={page.dim}>{t("gridHint")}</p>
      <div class={styles.buttons}>
        <CancelButton document={document} onChanged={onChanged} />
      </div>
    </div>
  );
}

function Waiting({ document: { stage, error, quote } }: { document: TranslatedDocument }) {
  // What has a reason goes on by nobody's waiting: the service has no credit left, or refuses the site's key.
  if (stage === "waiting_service" && error !== null) {
    return (
      <Alert tone="warning" title={faultText(error)}>
        {t("waitingStaffText")}
      </Alert>
    );
  }
  if (stage === "waiting_service") return <Alert tone="warning" title={t("waitingServiceText")} />;
  if (stage === "waiting_tokens") {
    const plans = hasModule("billing") && <Button href="/app/billing">{common("seePlans")}</Button>;
    const end = quote?.finishes_at ?? null;
    const title = end === null ? t("waitingTokensText") : t("waitingTokensBy", { date: formatDate(end, { dateStyle: "medium", timeStyle: "short" }) });
    return <Alert tone="warning" title={title} action={plans} />;
  }
  if (stage === "paying") {
    const orders = hasModule("billing") && <Button href="/app/billing/orders">{t("orders")}</Button>;
    return <Alert tone="info" title={t("payText")} action={orders} />;
  }
  return null;
}

function CancelButton({ document, onChanged }: { document: TranslatedDocument; onChanged: () => void }) {
  const isAsking = useSignal(false);
  return (
    <>
      <Button icon="close" onClick={() => (isAsking.value = true)}>
        {t("cancel")}
      </Button>
      {isAsking.value && (
        <ConfirmDialog
          open
          danger
          title={t("cancelTitle")}
          confirmLabel={t("cancel")}
          cancelLabel={t("goOn")}
          onClose={() => (isAsking.value = false)}
          onConfirm={async () => {
            try {
              await cancelDocument(document.id);
            } catch (error) {
              toast(errorText(error), { tone: "danger" });
            }
            isAsking.value = false;
            onChanged();
          }}
        >
          <p>{t("cancelText")}</p>
        </ConfirmDialog>
      )}
    </>
  );
}
