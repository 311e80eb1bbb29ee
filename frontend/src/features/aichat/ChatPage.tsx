import { useSignal, useSignalEffect } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";

import type { PageProps } from "@/app/feature";
import { shellOverlay, toAsk, withFiles } from "@/lib/bridge";
import { navigate } from "@/lib/router";
import { classes, focusComposer, useBack, useBreakpoint } from "@/ui";

import styles from "./chat.module.css";
import { draftOf, takeFiles, writeDraft } from "./composer/draft";
import { ConversationPane } from "./conversation/ConversationPane";
import { ChatList } from "./list/ChatList";
import { conversationFor, startFresh } from "./model/registry";
import { useShortcuts } from "./useShortcuts";

/** The list and one conversation; on a phone the list lies over the conversation. */
export default function ChatPage({ params }: PageProps) {
  const id = params.id;
  const conversation = conversationFor(id);
  const listOpen = useSignal(false);

  const startNew = (temporary: boolean) => {
    startFresh(temporary);
    navigate("/app/chat");
    listOpen.value = false;
    focusComposer();
  };
  const shortcuts = useMemo(
    () => ({
      newChat: () => {
        startFresh(false);
        navigate("/app/chat");
        focusComposer();
      },
      escape: () => {
        if (listOpen.value) listOpen.value = false;
        else void conversation.stop().catch(() => undefined);
      },
      focus: focusComposer,
    }),
    [conversation, listOpen],
  );
  useShortcuts(shortcuts);

  // What another part of the client wants to be asked begins a chat of its own.
  useSignalEffect(() => {
    const { value: text } = toAsk;
    if (text === null) return;
    toAsk.value = null;
    startFresh(false);
    navigate("/app/chat");
    const fresh = conversationFor(undefined);
    writeDraft(fresh, text);
    const { value: more } = withFiles;
    withFiles.value = null;
    if (more !== null) takeFiles(draftOf(fresh).uploads, more);
    focusComposer();
  });

  // Beside the conversation there is nothing to close.
  const isBeside = useBreakpoint("tablet");
  useBack(listOpen.value && !isBeside, () => (listOpen.value = false));

  // Choosing a chat on a phone leads to it.
  useEffect(() => void (listOpen.value = false), [id, listOpen]);

  // With the socket, after the first picture; what was missed until then is read once it is live.
  useEffect(() => {
    import("./model/elsewhere").then(
      ({ startFollowing }) => startFollowing(),
      // The next visit of the page tries again; until then what is asked here is shown here.
      () => undefined,
    );
  }, []);

  return (
    <div class={classes("fill-page", styles.page)}>
      <aside class={classes(styles.side, listOpen.value && styles.open)}>
        <ChatList currentId={id} onNew={startNew} onHide={() => (listOpen.value = false)} />
      </aside>
      <ConversationPane
        key={conversation.key}
        conversation={conversation}
        onShowList={() => (listOpen.value = true)}
        onHelp={() => (shellOverlay.value = "keys")}
      />
    </div>
  );
}
