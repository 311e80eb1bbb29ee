import { useEffect, useState } from "preact/hooks";

import { api, forgetSession } from "@/lib/api";
import type { User } from "@/lib/api";
import { errorText } from "@/lib/errorText";
import { fileSize } from "@/lib/fileSize";
import { useForm } from "@/lib/form";
import { checkRequired, problems } from "@/lib/accountRules";
import { formatDate } from "@/lib/i18n";
import { useResource } from "@/lib/resource";
import { Alert, Button, Card, Dialog, Loaded, PasswordField, ProgressBar, toast } from "@/ui";

import { FormFailure } from "./FormFailure";
import styles from "./settings.module.css";
import type { DataExport } from "./shapes";
import { t } from "./words";

const LOOK_AGAIN_MS = 2000;
const EXPORT = "/api/auth/me/export";

/** What one owns here, to take along; and the way out. */
export function DataSection({ user }: { user: User }) {
  return (
    <>
      <ExportCard />
      <DeleteCard user={user} />
    </>
  );
}

function loadExport(signal: AbortSignal): Promise<DataExport> {
  return api.get(EXPORT, { signal });
}

function isUnderWay(state: DataExport["state"] | undefined): boolean {
  return state === "queued" || state === "running";
}

function ExportCard() {
  const wanted = useResource(loadExport);
  const { data, reload, set } = wanted;
  const [busy, setBusy] = useState(false);

  useEffect(() => {
    if (!isUnderWay(data?.state)) return;
    const end = new AbortController();
    const timer = setTimeout(() => {
      // Whoever looks is not told on their devices; a page that nobody sees does not look.
      if (document.visibilityState === "visible") reload();
      else document.addEventListener("visibilitychange", reload, { once: true, signal: end.signal });
    }, LOOK_AGAIN_MS);
    return () => {
      clearTimeout(timer);
      end.abort();
    };
  }, [data, reload]);

  const start = async () => {
    setBusy(true);
    try {
      set(await api.post(EXPORT));
    } catch (failure) {
      toast(errorText(failure), { tone: "danger" });
    } finally {
      setBusy(false);
    }
  };

  return (
    <Card title={t("exportTitle")}>
      <div class={styles.sessions}>
        <p>{t("exportIntro")}</p>
        <Loaded from={wanted} lines={2}>
          {(state) => (
            <>
              <ExportState state={state} />
              {!isUnderWay(state.state) && (
                <Button variant={state.state === "ready" ? "secondary" : "primary"} loading={busy} onClick={start}>
                  {t(state.state === "none" ? "exportStart" : "exportAgain")}
                </Button>
              )}
            </>
          )}
        </Loaded>
      </div>
    </Card>
  );
}

function ExportState({ state }: { state: DataExport }) {
  if (isUnderWay(state.state)) {
    return (
      <>
        <p role="status">{t("exportRunning")}</p>
        <ProgressBar label={t("exportProgress")} value={state.progress} max={100} />
      </>
    );
  }
  if (state.state === "ready" && state.download_url !== null) {
    const download = (
      <Button variant="primary" href={state.download_url}>
        {t("exportDownload")}
      </Button>
    );
    return (
      <Alert title={t("exportReady", { size: fileSize(state.size ?? 0) })} action={download}>
        {state.expires_at !== null && t("exportUntil", { date: formatDate(state.expires_at) })}
      </Alert>
    );
  }
  if (state.state === "failed") return <Alert tone="danger" title={t("exportFailed")} />;
  return state.state === "expired" ? <p>{t("exportExpired")}</p> : null;
}

function DeleteCard({ user }: { user: User }) {
  const [open, setOpen] = useState(false);
  return (
    <Card title={t("deleteTitle")}>
      <div class={styles.sessions}>
        <p>{t("deleteGoes")}</p>
        <p>{t("deleteStays")}</p>
        <p>{t("deleteGrace")}</p>
        <Button variant="danger" onClick={() => setOpen(true)}>
          {t("deleteStart")}
        </Button>
      </div>
      {open && <DeleteDialog user={user} onClose={() => setOpen(false)} />}
    </Card>
  );
}

function DeleteDialog({ user, onClose }: { user: User; onClose: () => void }) {
  const form = useForm({
    initial: { password: "" },
    validate: ({ password }) => problems({ password: user.has_password ? checkRequired(password) : undefined }),
    submit: async ({ password }) => {
      const { deletion_at: at } = await api.delete("/api/auth/me", { body: user.has_password ? { password } : {} });
      toast(t("deleted", { date: formatDate(at) }), { tone: "success" });
      forgetSession();
    },
  });
  const footer = (
    <>
      <Button onClick={onClose}>{t("deleteKeep")}</Button>
      <Button variant="danger" type="submit" form="delete-account" loading={form.busy} disabled={form.secondsToWait > 0}>
        {t("deleteConfirm")}
      </Button>
    </>
  );
  return (
    <Dialog open onClose={onClose} title={t("deleteConfirmTitle")} footer={footer}>
      <form id="delete-account" class={styles.form} {...form.attributes}>
        <FormFailure error={form.failure} />
        <p>{t("deleteGrace")}</p>
        {user.has_password && (
          <PasswordField
            label={t("yourPassword")}
            revealLabel={t("reveal")}
            autoComplete="current-password"
            {...form.field("password")}
          />
        )}
      </form>
    </Dialog>
  );
}
