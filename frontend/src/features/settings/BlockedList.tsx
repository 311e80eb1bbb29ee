import { useState } from "preact/hooks";

import { api } from "@/lib/api";
import type { Page } from "@/lib/api";
import { errorText } from "@/lib/errorText";
import { useResource } from "@/lib/resource";
import { Alert, Button, ConfirmDialog, EmptyState, List, ListItem, Skeleton, toast } from "@/ui";

import styles from "./settings.module.css";
import { t } from "./words";

interface BlockedPerson {
  id: string;
  name: string;
}

interface Block {
  user: BlockedPerson;
}

const BLOCKS = "/api/messenger/blocks";

function loadBlocks(signal: AbortSignal): Promise<Page<Block>> {
  return api.get(`${BLOCKS}?limit=100`, { signal });
}

/** Whom one has blocked in the messenger, and the way back. */
export function BlockedList() {
  const { data, error, reload, set } = useResource(loadBlocks);
  const [asked, setAsked] = useState<BlockedPerson | null>(null);

  const unblock = async (person: BlockedPerson) => {
    try {
      await api.delete(`${BLOCKS}/${person.id}`);
      if (data !== null) set({ ...data, results: data.results.filter(({ user }) => user.id !== person.id) });
      toast(t("unblocked", { name: person.name }), { tone: "success" });
    } catch (failure) {
      toast(errorText(failure), { tone: "danger" });
    }
    setAsked(null);
  };

  return (
    <div class={styles.sessions}>
      <p class={styles.dim}>{t("blockedIntro")}</p>
      {error !== null && (
        <Alert tone="danger" title={t("failed")} action={<Button onClick={reload}>{t("tryAgain")}</Button>}>
          {errorText(error)}
        </Alert>
      )}
      {data === null && error === null && <Skeleton lines={3} />}
      {data?.results.length === 0 && (
        <EmptyState icon="shield" title={t("nobodyBlocked")}>
          {t("nobodyBlockedText")}
        </EmptyState>
      )}
      {data !== null && data.results.length > 0 && (
        <List label={t("blocked")}>
          {data.results.map(({ user: person }) => (
            <ListItem
              key={person.id}
              actions={
                <Button variant="ghost" onClick={() => setAsked(person)}>
                  {t("unblock")}
                </Button>
              }
            >
              {person.name}
            </ListItem>
          ))}
        </List>
      )}
      <ConfirmDialog
        open={asked !== null}
        onClose={() => setAsked(null)}
        title={t("unblockTitle", { name: asked?.name ?? "" })}
        confirmLabel={t("unblock")}
        onConfirm={() => (asked === null ? undefined : unblock(asked))}
      >
        {t("unblockText")}
      </ConfirmDialog>
    </div>
  );
}
