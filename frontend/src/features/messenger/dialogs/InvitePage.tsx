import { useSignal } from "@preact/signals";
import { useCallback } from "preact/hooks";

import type { PageProps } from "@/app/feature";
import { ApiError, currentUser } from "@/lib/api";
import { errorText } from "@/lib/errorText";
import { useResource } from "@/lib/resource";
import { navigate } from "@/lib/router";
import { Alert, Button, Card, EmptyState, Skeleton } from "@/ui";
import { Avatar } from "@/ui/avatar";

import type { InvitePreview } from "../model";
import { joinByInvite, readInvite } from "../model/api";
import styles from "./dialogs.module.css";
import { t } from "./words";

const HOME = "/app/messages";

/** Where an invite link leads. Whoever is not signed in sees what they are invited to, and comes back here after signing in. */
export default function InvitePage({ params }: PageProps) {
  const token = params.token ?? "";
  const load = useCallback((signal: AbortSignal) => readInvite(token, signal), [token]);
  const { data, error, reload } = useResource(load);
  if (data !== null) return <Invitation token={token} invite={data} />;
  if (error === null) return <Skeleton lines={4} />;
  if (isGone(error)) return <Gone />;
  const again = (
    <Button variant="primary" icon="refresh" onClick={reload}>
      {t("tryAgain")}
    </Button>
  );
  return (
    <EmptyState icon="warning" title={t("inviteFailed")} action={again}>
      {errorText(error)}
    </EmptyState>
  );
}

function Invitation({ token, invite }: { token: string; invite: InvitePreview }) {
  const { conversation, is_member: isMember, invited_by: name } = invite;
  const isSignedIn = currentUser.value !== null;
  const busy = useSignal(false);
  const failure = useSignal<unknown>(null);
  // Joining again is harmless, and answers where the group is.
  const join = async () => {
    busy.value = true;
    failure.value = null;
    try {
      const joined = await joinByInvite(token);
      navigate(`${HOME}/${joined.id}`, { replace: true });
    } catch (error) {
      failure.value = error;
      busy.value = false;
    }
  };
  if (isGone(failure.value)) return <Gone />;
  return (
    <div class={styles.invite}>
      <h1>{t("joinTitle")}</h1>
      <Card>
        <div class={styles.group}>
          <Avatar name={conversation.name} avatarUrl={conversation.avatar_url} size="l" />
          <div>
            <h2 dir="auto">{conversation.name}</h2>
            <p class={styles.dim}>{t("members", { count: conversation.participant_count })}</p>
          </div>
        </div>
        <p>{isMember ? t("already") : t("joinText", { name })}</p>
        {failure.value !== null && <Alert tone="danger" title={errorText(failure.value)} />}
        {isSignedIn ? (
          <>
            <Button variant="primary" full loading={busy.value} onClick={join}>
              {t(isMember ? "open" : "join")}
            </Button>
            <Button variant="ghost" full href={HOME}>
              {t("toMessages")}
            </Button>
          </>
        ) : (
          <WaysIn token={token} />
        )}
      </Card>
    </div>
  );
}

/** Both lead back here. */
function WaysIn({ token }: { token: string }) {
  const next = `next=${encodeURIComponent(`/app/join/${token}`)}`;
  return (
    <>
      <Button variant="primary" full href={`/app/login?${next}`}>
        {t("signInToJoin")}
      </Button>
      <Button full href={`/app/register?${next}`}>
        {t("register")}
      </Button>
    </>
  );
}

function Gone() {
  return (
    <EmptyState icon="link" title={t("inviteGone")} action={currentUser.value !== null && <Button href={HOME}>{t("toMessages")}</Button>}>
      {t("inviteGoneText")}
    </EmptyState>
  );
}

function isGone(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 404 || error.status === 410);
}
