import { useState } from "preact/hooks";

import { api, signOut } from "@/lib/api";
import type { Page, Session } from "@/lib/api";
import { errorText } from "@/lib/errorText";
import { formatDate } from "@/lib/i18n";
import { useResource } from "@/lib/resource";
import { Alert, Badge, Button, ConfirmDialog, List, ListItem, Skeleton, toast } from "@/ui";

import { describeDevice } from "./device";
import styles from "./settings.module.css";
import { t } from "./words";

function loadSessions(signal: AbortSignal): Promise<Page<Session>> {
  return api.get<Page<Session>>("/api/auth/sessions?limit=100", { signal });
}

export function SessionList() {
  const { data, error, reload } = useResource(loadSessions);
  const [revoking, setRevoking] = useState<Session | null>(null);
  const [leaving, setLeaving] = useState(false);

  const revoke = async (session: Session) => {
    const done = await attempt(() => api.delete(`/api/auth/sessions/${session.id}`));
    setRevoking(null);
    if (!done) return;
    toast(t("revoked"), { tone: "success" });
    reload();
  };

  const leaveEverywhere = async () => {
    if (!(await attempt(() => signOut("everywhere")))) setLeaving(false);
  };

  return (
    <div class={styles.sessions}>
      <p class={styles.dim}>{t("sessionsIntro")}</p>
      {error !== null && (
        <Alert tone="danger" title={t("failed")} action={<Button onClick={reload}>{t("tryAgain")}</Button>}>
          {errorText(error)}
        </Alert>
      )}
      {data === null && error === null && <Skeleton lines={4} />}
      {data !== null && (
        <List label={t("sessions")}>
          {data.results.map((session) => (
            <SessionRow key={session.id} session={session} onRevoke={() => setRevoking(session)} />
          ))}
        </List>
      )}
      <Button variant="danger" icon="logout" onClick={() => setLeaving(true)}>
        {t("everywhere")}
      </Button>

      <ConfirmDialog
        open={revoking !== null}
        onClose={() => setRevoking(null)}
        title={t("revokeTitle")}
        confirmLabel={t("revoke")}
        danger
        onConfirm={() => (revoking === null ? undefined : revoke(revoking))}
      >
        {revoking && t("revokeText", { device: deviceName(revoking) })}
      </ConfirmDialog>
      <ConfirmDialog
        open={leaving}
        onClose={() => setLeaving(false)}
        title={t("everywhereTitle")}
        confirmLabel={t("everywhere")}
        danger
        onConfirm={leaveEverywhere}
      >
        {t("everywhereText")}
      </ConfirmDialog>
    </div>
  );
}

function SessionRow({ session, onRevoke }: { session: Session; onRevoke: () => void }) {
  const used = t("lastUsed", { when: formatDate(session.last_used_at, { dateStyle: "medium", timeStyle: "short" }) });
  return (
    <ListItem actions={!session.is_current && <Button onClick={onRevoke} variant="ghost">{t("revoke")}</Button>}>
      <div class={styles.device}>
        {deviceName(session)}
        {session.is_current && <Badge tone="gold">{t("thisOne")}</Badge>}
      </div>
      <div class={styles.when}>
        {[session.ip, used, t("since", { when: formatDate(session.created_at) })].filter(Boolean).join(" · ")}
      </div>
    </ListItem>
  );
}

function deviceName(session: Session): string {
  const { browser, system } = describeDevice(session.user_agent);
  if (browser !== null && system !== null) return t("browserOn", { browser, system });
  return browser ?? system ?? t("unknownDevice");
}

/** Whether it worked; what went wrong is shown. */
async function attempt(action: () => Promise<unknown>): Promise<boolean> {
  try {
    await action();
    return true;
  } catch (error) {
    toast(errorText(error), { tone: "danger" });
    return false;
  }
}
