import { useEffect } from "preact/hooks";

import type { PageProps } from "@/app/feature";
import { Button, classes, EmptyState, useBreakpoint } from "@/ui";

import { ConversationPanel, ForwardDialog, MediaViewer, NewConversationDialog, QuotedStory } from "./lazyParts";
import { ConversationList } from "./list/ConversationList";
import { t as list } from "./list/words";
import styles from "./messages.module.css";
import {
  closeOverlay,
  closePanel,
  endSearch,
  goToMessage,
  openConversation,
  openForward,
  openNewConversation,
  overlay,
  panelOpen,
  searchIn,
} from "./overlays";
import { BringersContext } from "./timeline/Brought";
import { ConversationPane } from "./timeline/ConversationPane";
import { t } from "./timeline/words";

/** The list and one conversation side by side; on phones one of the two. */
export default function MessagesPage({ params, features }: PageProps) {
  const { id } = params;
  useKeys();

  // What is over one conversation has no place over the next.
  useEffect(() => closePanel, [id]);
  useEffect(
    () => () => {
      closeOverlay();
      endSearch();
    },
    [],
  );
  const open = (conversationId: string) => {
    closeOverlay();
    openConversation(conversationId);
  };
  const isPanelBeside = useBreakpoint("panorama");
  const hasPanel = id !== undefined && panelOpen.value;
  return (
    <BringersContext.Provider value={features}>
      <div class={classes("fill-page", styles.page, id !== undefined && styles.chosen, hasPanel && styles.withPanel)}>
        <aside class={styles.side} aria-label={list("conversations")}>
          <ConversationList currentId={id} />
        </aside>
        <div class={styles.main}>
          {id === undefined ? <Nothing /> : <ConversationPane key={id} id={id} />}
        </div>
        {hasPanel && (
          <aside class={styles.panel} aria-label={t("details")}>
            <ConversationPanel
              key={id}
              conversationId={id}
              onClose={closePanel}
              onSearch={() => searchIn(id)}
              onJump={(seq) => {
                if (!isPanelBeside) closePanel();
                goToMessage(id, seq);
              }}
              onOpened={open}
            />
          </aside>
        )}
        <Overlays onOpened={open} />
      </div>
    </BringersContext.Provider>
  );
}

function Overlays({ onOpened }: { onOpened: (conversationId: string) => void }) {
  const shown = overlay.value;
  switch (shown?.kind) {
    case "new":
      return <NewConversationDialog start={shown.start} onClose={closeOverlay} onOpened={onOpened} />;
    case "forward":
      return <ForwardDialog message={shown.message} onClose={closeOverlay} />;
    case "viewer":
      return (
        <MediaViewer
          conversationId={shown.message.conversation_id}
          message={shown.message}
          onClose={closeOverlay}
          onForward={openForward}
          onJump={(seq) => {
            closeOverlay();
            goToMessage(shown.message.conversation_id, seq);
          }}
        />
      );
    case "story":
      return <QuotedStory spot={shown.spot} onClose={closeOverlay} />;
    case undefined:
      return null;
  }
}

function Nothing() {
  const start = (
    <Button icon="plus" onClick={() => openNewConversation("people")}>
      {t("newConversation")}
    </Button>
  );
  return (
    <div class={styles.nothing}>
      <EmptyState icon="messages" title={t("chooseTitle")} action={start}>
        {t("chooseText")}
      </EmptyState>
    </div>
  );
}

/** Escape, where nothing else takes it, closes the panel. */
function useKeys(): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || document.querySelector("dialog[open], [popover]:popover-open [role^=menuitem]")) return;
      if (event.key === "Escape" && panelOpen.value) closePanel();
    };
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, []);
}
