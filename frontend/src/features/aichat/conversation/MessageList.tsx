import { useSignalEffect } from "@preact/signals";
import type { RefObject, VNode } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";

import { Icon, Skeleton } from "@/ui";

import type { Conversation } from "../model/conversation";
import type { MessageModel } from "../model/message";
import { t } from "../words";
import { AssistantMessage } from "./AssistantMessage";
import styles from "./conversation.module.css";
import { UserMessage } from "./UserMessage";
import { useStickToBottom } from "./useStickToBottom";

export function MessageList({ conversation }: { conversation: Conversation }) {
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const { atBottom, toBottom } = useStickToBottom(scroller, content);
  const thread = conversation.thread.value;
  const rows = useRows(conversation);
  useSteadyPrepend(scroller, thread[0]);

  // One's own message is always brought into sight.
  useSignalEffect(() => {
    if (conversation.run.value?.answer.phase.peek() === "waiting") toBottom();
  });

  return (
    <div class={styles.scrollFrame}>
      <div
        ref={scroller}
        class={styles.scroller}
        tabIndex={0}
        role="region"
        aria-label={t("conversation")}
        data-running={conversation.run.value !== null}
      >
        <div ref={content} class={styles.thread}>
          <OlderMessages conversation={conversation} scroller={scroller} />
          {thread.map(rows)}
        </div>
      </div>
      {!atBottom.value && (
        <button type="button" class={styles.latest} onClick={toBottom}>
          <Icon name="down" />
          {t("latest")}
        </button>
      )}
    </div>
  );
}

/** The same element for the same message: Preact passes over it, however long the list is that holds it. */
function useRows(conversation: Conversation): (message: MessageModel) => VNode {
  const rows = useRef(new WeakMap<MessageModel, VNode>());
  return (message) => {
    let row = rows.current.get(message);
    if (row === undefined) {
      row =
        message.data.peek().role === "user" ? (
          <UserMessage key={message.key} conversation={conversation} message={message} />
        ) : (
          <AssistantMessage key={message.key} conversation={conversation} answer={message} />
        );
      rows.current.set(message, row);
    }
    return row;
  };
}

/** When history is put in above, what the reader looks at stays where it is. */
function useSteadyPrepend(scroller: RefObject<HTMLElement | null>, first: MessageModel | undefined): void {
  const before = useRef<{ first: MessageModel | undefined; fromEnd: number }>({ first, fromEnd: 0 });
  const view = scroller.current;
  // Read while drawing, that is, before the page changes.
  if (view !== null && before.current.first !== first) before.current.fromEnd = view.scrollHeight - view.scrollTop;

  useLayoutEffect(() => {
    const { first: old, fromEnd } = before.current;
    before.current.first = first;
    if (old === undefined || old === first || scroller.current === null) return;
    scroller.current.scrollTop = scroller.current.scrollHeight - fromEnd;
  }, [first, scroller]);
}

/** A mark above the oldest message; when it comes near, the page before is fetched. */
function OlderMessages({
  conversation,
  scroller,
}: {
  conversation: Conversation;
  scroller: RefObject<HTMLElement | null>;
}) {
  const mark = useRef<HTMLDivElement>(null);
  const { older } = conversation;

  useEffect(() => {
    if (mark.current === null) return;
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (entry?.isIntersecting === true) void conversation.loadOlder();
      },
      { root: scroller.current, rootMargin: "400px 0px 0px" },
    );
    observer.observe(mark.current);
    return () => observer.disconnect();
    // A new page address means a new mark to watch: still in sight, it must fire again.
  }, [conversation, scroller, older.value]);

  if (older.value === null) return null;
  return (
    <div ref={mark} class={styles.older}>
      {conversation.loadingOlder.value && <Skeleton lines={2} label={t("loadingOlder")} />}
    </div>
  );
}
