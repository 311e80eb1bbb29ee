import { useSignal } from "@preact/signals";
import { useCallback } from "preact/hooks";

import { copyText } from "@/lib/clipboard";
import { formatDate } from "@/lib/i18n";
import { usePaged } from "@/lib/paged";
import { Button, ConfirmDialog, EmptyState, Loaded, lazily, Select, toast } from "@/ui";

import type { Invite } from "../model";
import { createInvite, listInvites, revokeInvite } from "../model/api";
import { attempt } from "../parts/attempt";
import styles from "./group.module.css";
import { t } from "./words";

const InviteCode = lazily(async () => (await import("./InviteCode")).InviteCode);

const HOUR = 3600;
const DAY = 24 * HOUR;

/** Links by which people join on their own; for admins. */
export function Invites({ conversationId }: { conversationId: string }) {
  const load = useCallback((signal: AbortSignal) => listInvites(conversationId, signal), [conversationId]);
  const paged = usePaged(load);
  const nothing = (
    <EmptyState icon="link" title={t("noInvites")}>
      {t("noInvitesText")}
    </EmptyState>
  );
  return (
    <>
      <NewInvite
        conversationId={conversationId}
        onCreated={(invite) => {
          paged.change((all) => [invite, ...all]);
          void copy(invite);
        }}
      />
      <Loaded from={paged} empty={nothing} lines={5} failed={t("failed")} inset>
        {(invites) => (
          <ul class={styles.list}>
            {invites.map((invite) => (
              <InviteRow
                key={invite.id}
                invite={invite}
                conversationId={conversationId}
                onGone={() => paged.change((all) => all.filter((one) => one.id !== invite.id))}
              />
            ))}
          </ul>
        )}
      </Loaded>
    </>
  );
}

interface NewInviteProps {
  conversationId: string;
  onCreated: (invite: Invite) => void;
}

function NewInvite({ conversationId, onCreated }: NewInviteProps) {
  const expires = useSignal(String(7 * DAY));
  const uses = useSignal("");
  const busy = useSignal(false);

  const create = async () => {
    busy.value = true;
    const limits = {
      ...(expires.value !== "" && { expires_in: Number(expires.value) }),
      ...(uses.value !== "" && { max_uses: Number(uses.value) }),
    };
    await attempt(async () => onCreated(await createInvite(conversationId, limits)));
    busy.value = false;
  };
  return (
    <section class={styles.section}>
      <h3>{t("newInvite")}</h3>
      <div class={styles.pair}>
        <Select
          label={t("expires")}
          value={expires.value}
          onValue={(value) => (expires.value = value)}
          options={[
            { value: String(HOUR), label: t("hour") },
            { value: String(DAY), label: t("dayLong") },
            { value: String(7 * DAY), label: t("week") },
            { value: "", label: t("forever") },
          ]}
        />
        <Select
          label={t("uses")}
          value={uses.value}
          onValue={(value) => (uses.value = value)}
          options={[
            { value: "1", label: t("once") },
            { value: "10", label: t("times", { count: 10 }) },
            { value: "100", label: t("times", { count: 100 }) },
            { value: "", label: t("noLimit") },
          ]}
        />
      </div>
      <Button variant="primary" icon="link" full loading={busy.value} onClick={create}>
        {t("createInvite")}
      </Button>
    </section>
  );
}

interface InviteRowProps {
  invite: Invite;
  conversationId: string;
  onGone: () => void;
}

function InviteRow({ invite, conversationId, onGone }: InviteRowProps) {
  const asking = useSignal(false);
  const showsCode = useSignal(false);
  const revoke = async () => {
    const done = await attempt(() => revokeInvite(conversationId, invite.id));
    asking.value = false;
    if (done) onGone();
  };
  return (
    <li class={styles.invite}>
      <code class={styles.link}>{addressOf(invite)}</code>
      <p class={styles.dim}>{[usesText(invite), expiryText(invite)].join(" · ")}</p>
      <div class={styles.tools}>
        <Button icon="copy" onClick={() => copy(invite)}>
          {t("copy")}
        </Button>
        <Button onClick={() => (showsCode.value = true)}>{t("qr")}</Button>
        <Button variant="danger" icon="trash" onClick={() => (asking.value = true)}>
          {t("revoke")}
        </Button>
      </div>
      {showsCode.value && <InviteCode address={addressOf(invite)} onClose={() => (showsCode.value = false)} />}
      {asking.value && (
        <ConfirmDialog
          open
          onClose={() => (asking.value = false)}
          title={t("revokeTitle")}
          confirmLabel={t("revoke")}
          danger
          onConfirm={revoke}
        >
          <p>{t("revokeText")}</p>
        </ConfirmDialog>
      )}
    </li>
  );
}

async function copy(invite: Invite): Promise<void> {
  const copied = await copyText(addressOf(invite));
  toast(t(copied ? "copied" : "notCopied"), { tone: copied ? "success" : "danger" });
}

function addressOf(invite: Invite): string {
  return new URL(invite.url, window.location.origin).href;
}

function usesText({ uses, max_uses: max }: Invite): string {
  return max === null ? t("used", { count: uses }) : t("usedOf", { count: uses, max });
}

function expiryText({ expires_at: end }: Invite): string {
  if (end === null) return t("endless");
  if (new Date(end) <= new Date()) return t("expired");
  return t("until", { date: formatDate(end, { dateStyle: "medium", timeStyle: "short" }) });
}
