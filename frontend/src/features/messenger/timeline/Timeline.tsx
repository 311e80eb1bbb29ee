import { useSignal } from "@preact/signals";
import { useCallback, useRef } from "preact/hooks";

import { Alert, Button, Skeleton } from "@/ui";
import { spanOf, useGrow, useVirtual, WindowedList } from "@/ui/windowed";

import type { ConversationShape, ConversationView, ShownMessage } from "../model";
import type { MessageActions } from "./actions";
import { Announcer } from "./Announcer";
import { useRowContext } from "./context";
import { estimate, ItemRow } from "./ItemRow";
import { messagesOf } from "./items";
import type { Item } from "./items";
import { MessageMenu } from "./MessageMenu";
import type { OpenMenu } from "./MessageMenu";
import { countUnseen } from "./seen";
import { spokenRow } from "./spoken";
import styles from "./timeline.module.css";
import { ToEnd } from "./ToEnd";
import { useFollowOwn } from "./useFollowOwn";
import { useItems } from "./useItems";
import { usePlacement } from "./usePlacement";
import { useRowKeys } from "./useRowKeys";
import { useSeen } from "./useSeen";
import { t } from "./words";

/** Nearer to the end than this is at the end: what comes is followed. */
const END_THRESHOLD_PX = 80;

interface TimelineProps {
  view: ConversationView;
  conversation: ConversationShape;
  me: string | null;
  myUsername: string | null;
  actions: MessageActions;
  focusComposer: () => void;
}

/** The history of a conversation, from wherever one is reading to its end. */
export function Timeline(props: TimelineProps) {
  const { view } = props;
  const isEmpty = view.messages.value.length === 0;
  if (isEmpty && view.trouble.value !== null) {
    return (
      <div class={styles.centre}>
        <Trouble view={view} />
      </div>
    );
  }
  if (isEmpty && view.loading.value) {
    return (
      <div class={styles.waiting}>
        <Skeleton lines={7} />
      </div>
    );
  }
  return <Messages {...props} />;
}

export function Trouble({ view }: { view: ConversationView }) {
  return (
    <Alert
      tone="warning"
      title={t("historyFailed")}
      action={<Button onClick={() => void view.retry()}>{t("tryAgain")}</Button>}
    >
      {view.trouble.value}
    </Alert>
  );
}

function Messages({ view, conversation, me, myUsername, actions, focusComposer }: TimelineProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const menu = useSignal<OpenMenu | null>(null);
  const hasNewer = view.hasNewer.value;
  const { items, unreadIsOlder } = useItems(view, conversation);
  const virtualizer = useVirtual({
    scroller,
    count: items.length,
    keyOf: useCallback((index: number) => items[index]?.key ?? String(index), [items]),
    estimate: useCallback((index: number) => estimate(items[index]), [items]),
    endThreshold: END_THRESHOLD_PX,
    hasEnd: !hasNewer,
    overscan: 8,
  });
  const rows = virtualizer.getVirtualItems();
  const { isPlaced, isSettled, litSeq, jumpTo, toNewest } = usePlacement({ view, items, unreadIsOlder, virtualizer });
  useFollowOwn(view, virtualizer);
  const isNearStart = useGrow({ history: view, items, span: spanOf(virtualizer), isPlaced, isSettled });
  const reached = useSeen({ view, conversation, items, rows, scroller, isPlaced });
  const isAtEnd = virtualizer.isAtEnd(END_THRESHOLD_PX) && !hasNewer;
  const openMenu = (message: ShownMessage, anchor: Element, what: OpenMenu["what"]) =>
    (menu.value = { message, anchor, what });
  const context = useRowContext({ conversation, me, myUsername, actions, openMenu, jumpTo });
  const onKeyDown = useRowKeys({ items, scroller, virtualizer, context, onLeave: focusComposer });

  return (
    <div class={styles.frame}>
      <WindowedList
        scroller={scroller}
        virtualizer={virtualizer}
        atEnd
        role="log"
        aria-label={t("messages")}
        aria-live="off"
        aria-busy={view.loading.value}
        onKeyDown={onKeyDown}
        slot={(index) => slotOf(items[index], me)}
      >
        {(index) => {
          const item = items[index];
          return item !== undefined && <ItemRow item={item} context={context} litSeq={litSeq} />;
        }}
      </WindowedList>
      {view.trouble.value !== null && (
        <div class={styles.troubleBar}>
          <Trouble view={view} />
        </div>
      )}
      {isNearStart && isPlaced.current && (
        <p class={styles.older} role="status">
          {t("loadingOlder")}…
        </p>
      )}
      {!isAtEnd && (
        <ToEnd unseen={hasNewer ? conversation.unread_count : countUnseen(items, reached, me)} onPress={toNewest} />
      )}
      {menu.value !== null && (
        <MessageMenu
          key={`${menu.value.message.key} ${menu.value.what}`}
          open={menu.value}
          conversation={conversation}
          me={me}
          actions={actions}
          onClose={() => (menu.value = null)}
        />
      )}
      <Announcer messages={view.messages.value} me={me} />
    </div>
  );
}

/** A message is something one can walk to with the keyboard. */
function slotOf(item: Item | undefined, me: string | null) {
  if (item?.kind !== "message") return {};
  const [first = item.message] = messagesOf(item);
  const count = item.album.length > 1 ? `, ${t("album", { count: item.album.length })}` : "";
  return { role: "article" as const, tabIndex: -1, "aria-label": spokenRow(first, me) + count };
}
