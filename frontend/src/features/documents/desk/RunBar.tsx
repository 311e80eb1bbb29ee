import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";

import { hasModule } from "@/lib/config";
import { formatDate } from "@/lib/i18n";
import { Alert, Button, ConfirmDialog, ProgressBar } from "@/ui";

import { steer } from "../model/api";
import { isLive } from "../model/document";
import { faultText } from "../model/fault";
import page from "../page.module.css";
import type { PaperDocument, Run } from "../shapes";
import { Trouble } from "../Trouble";
import { t as common } from "../words";
import { t } from "./words";

interface Props {
  document: PaperDocument;
  onChanged: () => void;
}

/** How far the writing is, and what can be done about it; nothing where there is nothing to say. */
export function RunBar({ document, onChanged }: Props) {
  const { run, outline, id } = document;
  const left = outline.sections.filter(({ status }) => status === "pending" || status === "failed").length;
  const writes = run !== null && run.kind !== "outline" ? run : null;
  if (writes !== null && isLive(writes)) return <AtWork document={document} run={writes} onChanged={onChanged} />;
  if (writes?.status === "failed") return <Stopped run={writes} onChanged={onChanged} />;
  if (left === 0) return null;
  return (
    <Alert
      tone="info"
      title={writes?.status === "cancelled" ? t("cancelled") : t("someLeft", { count: left })}
      action={
        <span class={page.buttons}>
          <Button variant="primary" href={`/app/documents/${id}/start`}>
            {t("writeRest")}
          </Button>
          <Button href={`/app/documents/${id}/outline`}>{t("editOutline")}</Button>
        </span>
      }
    >
      {writes?.status === "cancelled" && t("someLeft", { count: left })}
    </Alert>
  );
}

function AtWork({ document: { outline }, run, onChanged }: Props & { run: Run }) {
  const { progress, status, section, kind } = run;
  const written = outline.sections.filter((one) => one.status === "completed").length;
  const title = headline(run);
  return (
    <section class={page.card} aria-label={title}>
      <div class={page.head}>
        <strong role="status">{title}</strong>
        <Steering run={run} onChanged={onChanged} />
      </div>
      <ProgressBar value={progress} max={100} label={title} tone={status === "paused" ? "gold" : "cyan"} />
      <p class={page.dim}>{t("progress", { percent: progress, done: written, all: outline.sections.length })}</p>
      {status === "paused" ? <Waiting run={run} /> : kind === "full" && section !== null && <p class={page.dim}>{t("leave")}</p>}
    </section>
  );
}

function headline({ status, section, kind, paused_for: pause }: Run): string {
  if (status === "paused") return t(`paused_${pause === "" ? "owner" : pause}`);
  if (status === "queued") return t("queued");
  if (kind === "section") return t("runningOne");
  return section === null ? t("running") : t("runningSection", { number: section });
}

/** What it waits for, and how it goes on. */
function Waiting({ run: { paused_for: pause, resumes_at: at } }: { run: Run }) {
  const why = pause === "" ? "owner" : pause;
  let action: ComponentChildren = null;
  if (why === "tokens" && hasModule("billing")) action = <Button href="/app/billing">{common("seePlans")}</Button>;
  if (why === "payment" && hasModule("billing")) action = <Button href="/app/billing/orders">{common("toPayment")}</Button>;
  const self = why === "owner" || why === "payment" ? "" : at === null ? t("resumesSelf") : t("resumesAt", { date: formatDate(at, { dateStyle: "medium", timeStyle: "short" }) });
  return (
    <Alert tone={why === "owner" ? "info" : "warning"} title={t(`paused_${why}Text`)} action={action}>
      {self}
    </Alert>
  );
}

function Steering({ run, onChanged }: { run: Run; onChanged: () => void }) {
  const isAsking = useSignal(false);
  const { isBusy, trouble, press } = useSteering(run, onChanged);
  const canGoOn = run.status === "paused" && run.paused_for !== "payment";
  return (
    <div class={page.buttons}>
      {run.status === "running" && (
        <Button icon="pause" loading={isBusy === "pause"} onClick={() => void press("pause")}>
          {t("pause")}
        </Button>
      )}
      {canGoOn && (
        <Button variant="primary" icon="play" loading={isBusy === "resume"} onClick={() => void press("resume")}>
          {t("resume")}
        </Button>
      )}
      <Button icon="close" onClick={() => (isAsking.value = true)}>
        {t("stop")}
      </Button>
      {trouble !== null && <Trouble title={t("steerFailed")} error={trouble} />}
      {isAsking.value && (
        <ConfirmDialog
          open
          danger
          title={t("stopTitle")}
          confirmLabel={t("stop")}
          cancelLabel={t("stopNo")}
          onClose={() => (isAsking.value = false)}
          onConfirm={async () => {
            await press("cancel");
            isAsking.value = false;
          }}
        >
          <p>{t("stopText")}</p>
        </ConfirmDialog>
      )}
    </div>
  );
}

function Stopped({ run, onChanged }: { run: Run; onChanged: () => void }) {
  const { isBusy, trouble, press } = useSteering(run, onChanged);
  return (
    <>
      <Alert
        tone="danger"
        title={t("failed")}
        action={
          run.job_id !== null && (
            <Button variant="primary" icon="play" loading={isBusy === "resume"} onClick={() => void press("resume")}>
              {t("resume")}
            </Button>
          )
        }
      >
        {run.error !== null && <p>{faultText(run.error)}</p>}
        <p>{t("failedText")}</p>
      </Alert>
      {trouble !== null && <Trouble title={t("steerFailed")} error={trouble} />}
    </>
  );
}

function useSteering({ job_id: id }: Run, onChanged: () => void) {
  const isBusy = useSignal<"pause" | "resume" | "cancel" | null>(null);
  const trouble = useSignal<unknown>(null);
  const press = async (what: "pause" | "resume" | "cancel") => {
    if (id === null) return;
    isBusy.value = what;
    trouble.value = null;
    try {
      await steer(id, what);
      onChanged();
    } catch (error) {
      trouble.value = error;
    }
    isBusy.value = null;
  };
  return { isBusy: isBusy.value, trouble: trouble.value, press };
}
