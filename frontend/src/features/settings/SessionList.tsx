import { useState } from "preact/hooks";

import { api, signOut } from "@/lib/api";
import type { Page } from "@/lib/api";
import { limit } from "@/lib/config";
import { describeDevice } from "@/lib/device";
import { errorText } from "@/lib/errorText";
import { formatDate } from "@/lib/i18n";
import { usePaged } from "@/lib/paged";
import { Badge, Button, ConfirmDialog, List, ListItem, Loaded, toast } from "@/ui";

import styles from "./settings.module.css";
import type { Session } from "./shapes";
import { t } from "./words";

function loadSessions(signal: AbortSignal): Promise<Page<Session>> {
  return api.get("/api/auth/sessions", { query: { limit: limit("max_page_size") }, signal });
}

export function SessionList() {
  const sessions = usePaged(loadSessions);
  const [revoking, setRevoking] = useState<Session | null>(null);
  const [leaving, setLeaving] = useState(false);

  const revoke = async (session: Session) => {
    const done = await attempt(() => api.delete("/api/auth/sessions/{session_id}", { path: { session_id: session.id } }));
    setRevoking(null);
    if (!done) return;
    toast(t("revoked"), { tone: "success" });
    sessions.reload();
  };

  const leaveEverywhere = async () => {
    if (!(await attempt(() => signOut("everywhere")))) setLeaving(false);
  };

  return (
    <div class={styles.sessions}>
      <p class={styles.dim}>{t("sessionsIntro")}</p>
      <Loaded from={sessions} lines={4}>
        {(all) => (
          <List label={t("sessions")}>
            {all.map((session) => (
              <SessionRow key={session.id} session={session} onRevoke={() => setRevoking(session)} />
            ))}
          </List>
        )}
      </Loaded>
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
