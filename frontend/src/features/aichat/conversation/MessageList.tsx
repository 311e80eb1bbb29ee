import { useSignalEffect } from "@preact/signals";
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";

import { errorText } from "@/lib/errorText";
import { Alert, Button, classes, Icon } from "@/ui";
import { spanOf, useGrow, usePlace, useVirtual, WindowedList, type ListVirtualizer } from "@/ui/windowed";

import type { Conversation } from "../model/conversation";
import type { MessageModel } from "../model/message";
import { t } from "../words";
import { AssistantMessage } from "./AssistantMessage";
import styles from "./conversation.module.css";
import { t as around } from "./listWords";
import message from "./message.module.css";
import { UserMessage } from "./UserMessage";
import { useWanted } from "./useWanted";

/** Nearer to the end than this is at the end: what is written there is followed. */
const END_THRESHOLD_PX = 48;
const OVERSCAN = 3;

/** The shown branch of a chat, from wherever one is reading to its end. */
export function MessageList({ conversation }: { conversation: Conversation }) {
  const scroller = useRef<HTMLDivElement>(null);
  const thread = conversation.thread.value;
  const virtualizer = useVirtual({
    scroller,
    count: thread.length,
    keyOf: useCallback((index: number) => thread[index]?.key ?? String(index), [thread]),
    estimate: useCallback((index: number) => estimate(thread[index], scroller.current?.clientWidth ?? 0), [thread]),
    endThreshold: END_THRESHOLD_PX,
    hasEnd: true,
    overscan: OVERSCAN,
    // Words that are being written anew are not lost by reading elsewhere.
    keepKey: conversation.editing.value?.key ?? null,
  });
  const isPlaced = useRef(false);
  const { isSettled, lit, show, unsettle } = usePlace<string>(virtualizer);
  useLayoutEffect(() => {
    if (isPlaced.current || thread.length === 0) return;
    isPlaced.current = true;
    virtualizer.scrollToEnd();
  });
  useWanted({ conversation, show, unsettle });
  const isNearStart = useGrow({ history: conversation, items: thread, span: spanOf(virtualizer), isPlaced, isSettled });

  // One's own message is always brought into sight.
  useSignalEffect(() => {
    if (conversation.run.value?.answer.phase.peek() === "waiting") requestAnimationFrame(() => virtualizer.scrollToEnd());
  });

  useFollowedEnd(conversation, virtualizer);

  return (
    <div class={styles.scrollFrame}>
      <WindowedList
        scroller={scroller}
        virtualizer={virtualizer}
        sizerClass={styles.thread}
        role="region"
        aria-label={around("conversation")}
        aria-busy={conversation.loading.value}
        data-running={conversation.run.value !== null}
      >
        {(index) => {
          const one = thread[index];
          return one !== undefined && <Row conversation={conversation} message={one} isLit={one.id === lit} />;
        }}
      </WindowedList>
      <Older conversation={conversation} isNear={isNearStart && isPlaced.current} />
      {!virtualizer.isAtEnd(END_THRESHOLD_PX) && (
        <button type="button" class={styles.latest} onClick={() => virtualizer.scrollToEnd()}>
          <Icon name="down" />
          {around("latest")}
        </button>
      )}
    </div>
  );
}

/** Whoever followed an answer to its end sees how it ended, too, and what can be done about it. */
function useFollowedEnd(conversation: Conversation, virtualizer: ListVirtualizer): void {
  useEffect(() => {
    let wasRunning = false;
    // At once, and not as an effect of the drawing: then the end would be out of sight already.
    return conversation.run.subscribe((run) => {
      const isOver = wasRunning && run === null;
      wasRunning = run !== null;
      if (!isOver || !virtualizer.isAtEnd(END_THRESHOLD_PX)) return;
      // Drawn in the first frame, measured by the second.
      requestAnimationFrame(() => requestAnimationFrame(() => virtualizer.scrollToEnd()));
    });
  }, [conversation, virtualizer]);
}

interface RowProps {
  conversation: Conversation;
  message: MessageModel;
  isLit: boolean;
}

/** Scrolling draws the list again at every step; what stands in a row draws itself anew when it changes. */
function Row({ conversation, message: shown, isLit }: RowProps) {
  const drawn = useMemo(
    () =>
      shown.data.peek().role === "user" ? (
        <UserMessage conversation={conversation} message={shown} />
      ) : (
        <AssistantMessage conversation={conversation} answer={shown} />
      ),
    [conversation, shown],
  );
  return <div class={classes(isLit && message.lit)}>{drawn}</div>;
}

/** What comes above: on its way, or why it does not. */
function Older({ conversation, isNear }: { conversation: Conversation; isNear: boolean }) {
  const trouble = conversation.trouble.value;
  if (trouble !== null) {
    const again = () => void conversation.loadOlder().catch(() => undefined);
    return (
      <div class={styles.trouble}>
        <Alert tone="warning" title={around("olderFailed")} action={<Button onClick={again}>{t("tryAgain")}</Button>}>
          {errorText(trouble)}
        </Alert>
      </div>
    );
  }
  if (!isNear) return null;
  return (
    <p class={styles.older} role="status">
      {around("loadingOlder")}…
    </p>
  );
}

const LINE_PX = 27;
const LETTER_PX = 8.5;
/** Author, foot, and the room around. */
const FRAME_PX = 132;
/** The folded line of thinking. */
const THINKING_PX = 52;

/** The height of a row before it is drawn: near enough that the scroll bar does not jump much when it is. */
function estimate(model: MessageModel | undefined, width: number): number {
  if (model === undefined) return FRAME_PX;
  const text = model.text.peek();
  const letters = Math.max(20, Math.min(width - 32, 780) / LETTER_PX);
  const breaks = text.match(/\n+/g)?.length ?? 0;
  const { reasoning_tokens: thought } = model.data.peek();
  const thinking = model.reasoning.peek() !== "" || (thought ?? 0) > 0 ? THINKING_PX : 0;
  return FRAME_PX + thinking + (Math.ceil(text.length / letters) + breaks) * LINE_PX;
}
