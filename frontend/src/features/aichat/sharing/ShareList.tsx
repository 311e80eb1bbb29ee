import { useSignal } from "@preact/signals";

import type { Page } from "@/lib/api";
import { errorText } from "@/lib/errorText";
import { formatDate } from "@/lib/i18n";
import type { Resource } from "@/lib/resource";
import { Button, ConfirmDialog, EmptyState, List, ListItem, Loaded, toast } from "@/ui";

import { chatPath } from "../model/chatPath";
import { revokeShare } from "./api";
import type { Share } from "./api";
import styles from "./sharing.module.css";
import { t } from "./words";

interface Props {
  shares: Resource<Page<Share>>;
  /** To chats of all kinds: each says to which. */
  withTitles: boolean;
}

/** Links, each with the way to withdraw it. */
export function ShareList({ shares, withTitles }: Props) {
  const { data, set } = shares;
  const asked = useSignal<Share | null>(null);
  const revoke = async () => {
    const share = asked.peek();
    if (share === null) return;
    try {
      await revokeShare(share.id);
      if (data !== null) set({ ...data, results: data.results.filter(({ id }) => id !== share.id) });
      toast(t("revoked"));
    } catch (error) {
      toast(errorText(error), { tone: "danger" });
    }
    asked.value = null;
  };
  const from = { data: data?.results ?? null, trouble: shares.trouble, reload: shares.reload };
  return (
    <>
      <Loaded from={from} empty={<Nothing withTitles={withTitles} />} lines={2} failed={t("linksFailed")}>
        {(all) => (
          <List label={t("links")}>
            {all.map((share) => (
              <ListItem
                key={share.id}
                {...(withTitles && { href: chatPath(share.chat_id) })}
                actions={
                  <Button variant="ghost" onClick={() => (asked.value = share)}>
                    {t("revoke")}
                  </Button>
                }
              >
                {withTitles && <span class={styles.title} dir="auto">{share.title || t("untitled")}</span>}
                <span class={styles.detail}>{detail(share)}</span>
              </ListItem>
            ))}
          </List>
        )}
      </Loaded>
      <ConfirmDialog
        open={asked.value !== null}
        onClose={() => (asked.value = null)}
        title={t("revokeTitle")}
        confirmLabel={t("revoke")}
        onConfirm={revoke}
        danger
      >
        <p>{t("revokeText")}</p>
      </ConfirmDialog>
    </>
  );
}

function Nothing({ withTitles }: { withTitles: boolean }) {
  if (!withTitles) return <p>{t("noLinks")}</p>;
  return (
    <EmptyState icon="link" title={t("noLinksAnywhere")}>
      {t("noLinksHint")}
    </EmptyState>
  );
}

function detail(share: Share): string {
  const parts = [formatDate(share.created_at), t("messages", { count: share.message_count })];
  return [...parts, ...(share.shows_name ? [t("withName")] : [])].join(" · ");
}
