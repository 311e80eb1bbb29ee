import { useEffect, useMemo, useRef } from "preact/hooks";

import { limit } from "@/lib/config";
import { errorText } from "@/lib/errorText";
import { Alert, Button, Card, ProgressBar } from "@/ui";

import { Import } from "./importing";
import type { ImportJob } from "./importing";
import styles from "./settings.module.css";
import { t } from "./words";

/** Chats from another product. */
export function ImportCard() {
  const work = useMemo(() => new Import(), []);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    work.find().catch(() => undefined);
    return () => work.close();
  }, [work]);
  const isUnderWay = work.isUnderWay;
  return (
    <Card title={t("importTitle")}>
      <div class={styles.form}>
        <p>{t("importText")}</p>
        {work.error.value !== null && <Alert tone="danger" title={errorText(work.error.value)} />}
        {work.isTooLarge.value && (
          <Alert tone="danger" title={t("exportTooLarge", { size: Math.floor(limit("max_upload_bytes") / 1_000_000) })}>
            {t("exportTooLargeText")}
          </Alert>
        )}
        <Progress work={work} />
        {!isUnderWay && (
          <Button variant="primary" icon="file" onClick={() => field.current?.click()}>
            {t("choose")}
          </Button>
        )}
        <input
          ref={field}
          type="file"
          class="visually-hidden"
          tabIndex={-1}
          aria-label={t("choose")}
          accept=".json,.zip,application/json,application/zip"
          onChange={(event) => {
            const [file] = event.currentTarget.files ?? [];
            event.currentTarget.value = "";
            if (file !== undefined) void work.begin(file);
          }}
        />
      </div>
    </Card>
  );
}

function Progress({ work }: { work: Import }) {
  const sent = work.sent.value;
  const job = work.job.value;
  if (sent !== null) return <ProgressBar label={t("sending")} value={Math.round(sent * 100)} max={100} />;
  if (job === null) return null;
  if (work.isUnderWay) {
    return (
      <>
        <ProgressBar label={t("working")} value={job.progress} max={100} />
        <Figures job={job} />
        <Button onClick={() => work.cancel()}>{t("cancel")}</Button>
      </>
    );
  }
  if (job.status === "completed") {
    return (
      <Alert title={t("imported", { count: job.imported })}>
        <Figures job={job} />
      </Alert>
    );
  }
  const isFailed = job.status === "failed";
  return (
    <Alert tone={isFailed ? "danger" : "info"} title={t(isFailed ? "importFailed" : "cancelled")}>
      {job.error_message} <Figures job={job} />
    </Alert>
  );
}

function Figures({ job }: { job: ImportJob }) {
  const { status, imported, known, failed, failures } = job;
  return (
    <div role="status">
      {status !== "completed" && imported > 0 && <p>{t("imported", { count: imported })}</p>}
      {known > 0 && <p>{t("known", { count: known })}</p>}
      {failed > 0 && (
        <>
          <p>{t("unread", { count: failed })}</p>
          <ul class={styles.failures}>
            {failures.map(({ title, reason }, index) => (
              <li key={index} dir="auto">
                <strong>{title}</strong>: {reason}
              </li>
            ))}
            {failed > failures.length && <li>{t("unnamed", { count: failed - failures.length })}</li>}
          </ul>
        </>
      )}
    </div>
  );
}
