import type { ComponentChildren } from "preact";
import { useEffect, useMemo } from "preact/hooks";

import { currentUser } from "@/lib/api";
import { useTitle } from "@/lib/title";
import { Button, canHover, classes, ConfirmDialog, Dialog, EmptyState, focusComposer, Skeleton, useFileDrop } from "@/ui";

import { Composer } from "../composer/Composer";
import { ComposerState } from "../composer/state";
import { t as composerWords } from "../composer/words";
import { useMessenger } from "../context";
import { EmojiPicker } from "../lazyParts";
import { ConnectionBar } from "../list/ConnectionBar";
import type { ConversationShape, ConversationView } from "../model";
import { summary } from "../parts/lines";
import { MessageActions } from "./actions";
import { BlockedBar } from "./BlockedBar";
import { BroughtBar } from "./Brought";
import { Header } from "./Header";
import styles from "./pane.module.css";
import { PinnedBar } from "./PinnedBar";
import { ReadersDialog } from "./ReadersDialog";
import { Timeline, Trouble } from "./Timeline";
import { t } from "./words";

/** One conversation, followed as long as it is on the screen. */
export function ConversationPane({ id }: { id: string }) {
  const messenger = useMessenger();
  const view = useMemo(() => messenger.conversation(id), [messenger, id]);
  useEffect(() => view.open(), [view]);

  const conversation = view.conversation.value;
  useTitle(conversation?.name ?? null);
  if (view.gone.value !== null) return <Gone reason={view.gone.value} />;
  if (conversation === null) {
    return (
      <Frame>
        <div class={styles.loading}>
          {view.trouble.value === null ? <Skeleton lines={6} /> : <Trouble view={view} />}
        </div>
      </Frame>
    );
  }
  return <Open view={view} conversation={conversation} />;
}

function Frame({ children }: { children: ComponentChildren }) {
  return (
    <section class={styles.pane} aria-label={t("conversation")}>
      {children}
    </section>
  );
}

function Gone({ reason }: { reason: "deleted" | "removed" | "left" | "not_found" }) {
  return (
    <Frame>
      <div class={styles.centre}>
        <EmptyState icon="messages" title={t(`gone_${reason}`)} action={<Button href="/app/messages">{t("backToList")}</Button>}>
          {t("goneText")}
        </EmptyState>
      </div>
    </Frame>
  );
}

function Open({ view, conversation }: { view: ConversationView; conversation: ConversationShape }) {
  const user = currentUser.value;
  const me = user?.id ?? null;
  const actions = useMemo(() => new MessageActions(view, focusComposer), [view]);
  const composer = useMemo(() => new ComposerState(view, actions), [view, actions]);
  const canWrite = !conversation.is_blocked;
  const take = (files: FileList) => {
    composer.addFiles(files);
    focusComposer();
  };
  const drop = useFileDrop(canWrite ? take : null);
  useEffect(() => composer.start(), [composer]);

  useEffect(() => {
    // On a touch screen the keyboard would cover what one came to read.
    if (canHover()) focusComposer();
  }, [view]);

  return (
    <section
      class={classes(styles.pane, styles.open)}
      aria-label={t("conversation")}
      {...drop.handlers}
    >
      <div>
        <Header view={view} conversation={conversation} />
        <div class={styles.connection}>
          <ConnectionBar />
        </div>
        <BroughtBar conversation={conversation} />
        {conversation.pinned_message_ids.length > 0 && <PinnedBar conversation={conversation} me={me} />}
      </div>
      <Timeline
        view={view}
        conversation={conversation}
        me={me}
        myUsername={user?.username ?? null}
        actions={actions}
        focusComposer={focusComposer}
      />
      {canWrite ? (
        <Composer state={composer} view={view} conversation={conversation} actions={actions} me={me} />
      ) : (
        <BlockedBar conversation={conversation} />
      )}
      {drop.isOver && <p class={styles.drop}>{composerWords("drop")}</p>}
      <Dialogs actions={actions} me={me} />
    </section>
  );
}

function Dialogs({ actions, me }: { actions: MessageActions; me: string | null }) {
  const deleting = actions.deleting.value;
  const readersOf = actions.readersOf.value;
  const reactingTo = actions.reactingTo.value;
  return (
    <>
      {deleting !== null && (
        <ConfirmDialog
          open
          danger
          title={t("deleteTitle")}
          confirmLabel={t("delete")}
          onClose={() => (actions.deleting.value = null)}
          onConfirm={() => actions.remove(deleting)}
        >
          <p class={styles.deleting}>{summary(deleting, me)}</p>
          <p>{t("deleteText")}</p>
        </ConfirmDialog>
      )}
      {reactingTo !== null && (
        <Dialog open title={t("react")} onClose={() => (actions.reactingTo.value = null)}>
          <EmojiPicker
            onChoose={(emoji) => {
              actions.reactingTo.value = null;
              actions.react(reactingTo, emoji);
            }}
          />
        </Dialog>
      )}
      {readersOf !== null && <ReadersDialog message={readersOf} onClose={() => (actions.readersOf.value = null)} />}
    </>
  );
}
