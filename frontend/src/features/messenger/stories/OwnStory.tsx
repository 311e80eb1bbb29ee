import { useSignal } from "@preact/signals";
import { useCallback } from "preact/hooks";

import { usePaged } from "@/lib/paged";
import { Button, ConfirmDialog, Dialog, EmptyState, IconButton, Loaded, toast } from "@/ui";

import { useMessenger } from "../context";
import { deleteStory, listStoryViews } from "../model/api";
import { attempt } from "../parts/attempt";
import { shortMoment } from "../parts/format";
import { PersonRow } from "../people";
import type { Story } from "./order";
import styles from "./stories.module.css";
import { t } from "./words";

interface OwnStoryProps {
  story: Story;
  /** Something lies over the story, which waits meanwhile. */
  onAsk: (on: boolean) => void;
}

/** What one can do with a story of one's own. */
export function OwnStory({ story, onAsk }: OwnStoryProps) {
  const messenger = useMessenger();
  const open = useSignal<"views" | "delete" | null>(null);
  const show = (what: "views" | "delete" | null) => {
    open.value = what;
    onAsk(what !== null);
  };
  const remove = async () => {
    const done = await attempt(() => deleteStory(story.id));
    show(null);
    if (!done) return;
    toast(t("deleted"));
    await messenger.refreshStories().catch(() => undefined);
  };
  return (
    <>
      <Button icon="eye" variant="ghost" onClick={() => show("views")}>
        {t("views")}
      </Button>
      <IconButton icon="trash" label={t("delete")} onClick={() => show("delete")} />
      {open.value === "views" && (
        <Dialog open onClose={() => show(null)} title={t("views")}>
          <Views id={story.id} />
        </Dialog>
      )}
      {open.value === "delete" && (
        <ConfirmDialog
          open
          onClose={() => show(null)}
          title={t("deleteTitle")}
          confirmLabel={t("delete")}
          danger
          onConfirm={remove}
        >
          <p>{t("deleteText")}</p>
        </ConfirmDialog>
      )}
    </>
  );
}

function Views({ id }: { id: string }) {
  const load = useCallback((signal: AbortSignal) => listStoryViews(id, signal), [id]);
  const views = usePaged(load);
  const nobody = (
    <EmptyState icon="eye" title={t("noViews")}>
      {t("noViewsText")}
    </EmptyState>
  );
  return (
    <Loaded from={views} empty={nobody} failed={t("failed")}>
      {(seen) => (
        <>
          <ul class={styles.views}>
            {seen.map(({ user, viewed_at: moment }) => (
              <PersonRow key={user.id} person={user} detail={shortMoment(moment)} />
            ))}
          </ul>
          {!views.hasMore && <p class={styles.total}>{t("viewCount", { count: seen.length })}</p>}
        </>
      )}
    </Loaded>
  );
}
