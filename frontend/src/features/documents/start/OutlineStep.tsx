import { useSignal } from "@preact/signals";

import { navigate } from "@/lib/router";
import { Alert, Button, ConfirmDialog, EmptyState, ProgressBar } from "@/ui";

import { makeOutline } from "../model/api";
import { isLive } from "../model/document";
import { faultText } from "../model/fault";
import page from "../page.module.css";
import type { PaperDocument } from "../shapes";
import { Trouble } from "../Trouble";
import { OutlineForm } from "./OutlineForm";
import { t } from "./words";

interface Props {
  document: PaperDocument;
  onChanged: () => void;
}

/** The second step: the outline is made, and then one's own. */
export function OutlineStep({ document, onChanged }: Props) {
  const { id, outline, run } = document;
  const trouble = useSignal<unknown>(null);
  const isBusy = useSignal(false);
  const make = async () => {
    isBusy.value = true;
    trouble.value = null;
    try {
      await makeOutline(id);
      onChanged();
    } catch (error) {
      trouble.value = error;
    }
    isBusy.value = false;
  };
  if (run?.kind === "outline" && isLive(run)) return <Making />;
  const hasFailed = run?.kind === "outline" && run.status === "failed" ? run.error : null;
  return (
    <>
      {trouble.value !== null && <Trouble title={t("makeFailed")} error={trouble.value} />}
      {hasFailed !== null && (
        <Alert tone="danger" title={t("makeFailed")}>
          {faultText(hasFailed)}
        </Alert>
      )}
      {outline.version === 0 ? (
        <EmptyState
          icon="edit"
          title={t("noOutline")}
          action={
            <span class={page.buttons}>
              <Button variant="primary" loading={isBusy.value} onClick={() => void make()}>
                {t("make")}
              </Button>
              <Button href={`/app/documents/${id}/topic`}>{t("toTopic")}</Button>
            </span>
          }
        >
          {t("noOutlineText")}
        </EmptyState>
      ) : (
        <OutlineForm
          document={document}
          onChanged={onChanged}
          onDone={() => navigate(`/app/documents/${id}/start`)}
          again={<Again onYes={make} isBusy={isBusy.value} />}
        />
      )}
    </>
  );
}

function Making() {
  return (
    <div class={page.card} role="status">
      <h2>{t("making")}</h2>
      <div class={page.endless}>
        <ProgressBar value={1} max={1} label={t("making")} tone="cyan" />
      </div>
      <p class={page.dim}>{t("makingText")}</p>
    </div>
  );
}

function Again({ onYes, isBusy }: { onYes: () => Promise<void>; isBusy: boolean }) {
  const isAsking = useSignal(false);
  return (
    <>
      <Button variant="ghost" icon="refresh" loading={isBusy} onClick={() => (isAsking.value = true)}>
        {t("again")}
      </Button>
      {isAsking.value && (
        <ConfirmDialog
          open
          danger
          title={t("againTitle")}
          confirmLabel={t("again")}
          cancelLabel={t("keep")}
          onClose={() => (isAsking.value = false)}
          onConfirm={async () => {
            await onYes();
            isAsking.value = false;
          }}
        >
          <p>{t("againText")}</p>
        </ConfirmDialog>
      )}
    </>
  );
}
