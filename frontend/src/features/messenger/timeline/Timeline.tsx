import { useSignal } from "@preact/signals";
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";

import { Alert, Button, classes, Icon, Skeleton, toast } from "@/ui";

import type { ConversationShape, ConversationView, ShownMessage } from "../model";
import { dayName, timeOfDay } from "../parts/format";
import { summary } from "../parts/lines";
import { jumpRequest } from "../surface";
import type { MessageActions } from "./actions";
import { permissions } from "./actions";
import { buildItems, indexOfSeq } from "./items";
import type { Item } from "./items";
import { MessageMenu } from "./MessageMenu";
import type { OpenMenu } from "./MessageMenu";
import { MessageRow, senderName } from "./MessageRow";
import type { RowContext } from "./MessageRow";
import { countUnseen } from "./seen";
import styles from "./timeline.module.css";
import { useSeen } from "./useSeen";
import { useVirtual } from "./useVirtual";
import { t } from "./words";

const END_THRESHOLD_PX = 80;
/** Fewer rows than this above or below the view: more are fetched. */
const NEAR_ROWS = 6;
const LIT_MS = 2500;
/** A jump finds its place within this; rows that come in between would put it beside the mark. */
const SETTLE_MS = 400;

interface Props {
  view: ConversationView;
  conversation: ConversationShape;
  me: string | null;
  myUsername: string | null;
  actions: MessageActions;
  focusComposer: () => void;
}

export function Timeline(props: Props) {
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

function Messages({ view, conversation, me, myUsername, actions, focusComposer }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const messages = view.messages.value;
  const hasOlder = view.hasOlder.value;
  const hasNewer = view.hasNewer.value;
  const firstUnreadSeq = useUnreadFrom(view, conversation);
  const firstSeq = messages[0]?.seq ?? null;
  // The line belongs before a message that is not loaded yet.
  const unreadIsOlder = firstUnreadSeq !== null && firstSeq !== null && firstSeq > firstUnreadSeq && hasOlder;
  const isWhole = !hasOlder && !view.loading.value;
  const items = useMemo(
    () => buildItems(messages, { firstUnreadSeq: unreadIsOlder ? null : firstUnreadSeq, isWhole }),
    [messages, firstUnreadSeq, unreadIsOlder, isWhole],
  );
  const virtualizer = useVirtual({
    scroller,
    count: items.length,
    keyOf: useCallback((index: number) => items[index]?.key ?? String(index), [items]),
    estimate: useCallback((index: number) => estimate(items[index]), [items]),
    endThreshold: END_THRESHOLD_PX,
    follow: !useBefore(hasNewer),
  });
  const rows = virtualizer.getVirtualItems();
  const menu = useSignal<OpenMenu | null>(null);
  const { litSeq, light } = useLit();
  const [isSettled, unsettle] = useSettled();
  const [active, setActive] = useState<string | null>(null);

  // --- Where to look: first the unread line or the end, later what somebody asks for.
  const placed = useRef(false);
  const wanted = useRef<number | null>(null);
  const show = useCallback(
    (index: number, seq: number) => {
      virtualizer.scrollToIndex(index, { align: "center" });
      light(seq);
      unsettle();
    },
    [virtualizer, light, unsettle],
  );
  const jumpTo = useCallback(
    async (seq: number) => {
      const index = indexOfSeq(items, seq);
      if (index >= 0) {
        show(index, seq);
        return;
      }
      const found = await view.jumpTo({ seq }).catch(() => null);
      if (found === null) toast(t("jumpFailed"));
      else {
        wanted.current = found;
        unsettle();
      }
    },
    [items, show, view, unsettle],
  );

  const toUnread = async () => {
    const found = await view.jumpTo("unread").catch(() => null);
    if (found === null) virtualizer.scrollToEnd();
    else wanted.current = found;
    unsettle();
  };

  useLayoutEffect(() => {
    if (items.length === 0) return;
    if (wanted.current !== null) {
      const index = indexOfSeq(items, wanted.current);
      if (index < 0) return;
      show(index, wanted.current);
      wanted.current = null;
      placed.current = true;
      return;
    }
    if (placed.current || messages.length === 0) return;
    placed.current = true;
    unsettle();
    const unread = items.findIndex((item) => item.kind === "unread");
    if (unreadIsOlder) void toUnread();
    else if (unread >= 0) virtualizer.scrollToIndex(unread, { align: "start" });
    else virtualizer.scrollToEnd();
  });

  const request = jumpRequest.value;
  useEffect(() => {
    if (request?.conversationId !== view.id) return;
    jumpRequest.value = null;
    void jumpTo(request.seq);
  }, [request, view.id, jumpTo]);

  const toNewest = async () => {
    if (hasNewer) await view.jumpTo("newest").catch(() => null);
    virtualizer.scrollToEnd();
  };

  // --- One's own words are always followed, wherever one was reading.
  const last = messages.at(-1);
  const lastQueued = last?.seq === null ? last.key : null;
  const followed = useRef(lastQueued);
  useLayoutEffect(() => {
    if (lastQueued === null || lastQueued === followed.current) return;
    followed.current = lastQueued;
    if (hasNewer) void toNewest();
    else virtualizer.scrollToEnd();
  });

  // --- The window grows when one comes near its ends.
  const firstIndex = rows[0]?.index ?? 0;
  const lastIndex = rows.at(-1)?.index ?? 0;
  const fetching = useRef(false);
  useEffect(() => {
    if (!isSettled || !placed.current || fetching.current || view.trouble.peek() !== null) return;
    const load =
      hasOlder && firstIndex < NEAR_ROWS
        ? () => view.loadOlder()
        : hasNewer && lastIndex > items.length - NEAR_ROWS
          ? () => view.loadNewer()
          : null;
    if (load === null) return;
    fetching.current = true;
    void load()
      .catch(() => undefined)
      .finally(() => (fetching.current = false));
  }, [isSettled, firstIndex, lastIndex, hasOlder, hasNewer, items, view]);

  const reached = useSeen({ view, conversation, items, rows, scroller, isPlaced: placed });
  const atEnd = virtualizer.isAtEnd(END_THRESHOLD_PX) && !hasNewer;
  const unseen = hasNewer ? conversation.unread_count : atEnd ? 0 : countUnseen(items, reached, me);

  const context = useRowContext({ conversation, me, myUsername, actions, menu, jumpTo });

  // --- The keyboard walks through the messages.
  const focusItem = (index: number) => {
    const item = items[index];
    if (item?.kind !== "message") return;
    setActive(item.key);
    virtualizer.scrollToIndex(index, { align: "auto" });
    requestAnimationFrame(() =>
      scroller.current?.querySelector<HTMLElement>(`[data-index="${index}"]`)?.focus({ preventScroll: true }),
    );
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const index = items.findIndex((item) => item.key === active);
    const item = items[index];
    const onRow = event.target instanceof HTMLElement && event.target.dataset.index !== undefined;
    const onList = event.target === scroller.current;
    if (!onRow && !onList) return;
    if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      const next = neighbour(items, onRow ? index : items.length, event.key === "ArrowUp" ? -1 : 1);
      event.preventDefault();
      if (next !== null) focusItem(next);
      else if (event.key === "ArrowDown") focusComposer();
      return;
    }
    if (event.key === "Escape") {
      focusComposer();
      return;
    }
    if (!onRow || item?.kind !== "message" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (runKey(event, item.message, context)) event.preventDefault();
  };

  return (
    <div class={styles.frame}>
      <div
        ref={scroller}
        class={styles.scroller}
        role="log"
        aria-label={t("messages")}
        aria-live="off"
        aria-busy={view.loading.value}
        tabIndex={0}
        onKeyDown={onKeyDown}
      >
        <div class={styles.sizer} style={{ height: `${virtualizer.getTotalSize()}px` }}>
          {rows.map((row) => {
            const item = items[row.index];
            if (item === undefined) return null;
            return (
              <div
                key={row.key}
                ref={virtualizer.measureElement}
                data-index={row.index}
                class={styles.slot}
                style={{ transform: `translateY(${row.start}px)` }}
                {...(item.kind === "message" && {
                  role: "article",
                  tabIndex: -1,
                  "aria-label": spoken(item.message, me),
                })}
              >
                <ItemRow item={item} context={context} litSeq={litSeq} conversation={conversation} />
              </div>
            );
          })}
        </div>
      </div>
      {view.trouble.value !== null && (
        <div class={styles.troubleBar}>
          <Trouble view={view} />
        </div>
      )}
      {hasOlder && firstIndex < NEAR_ROWS && placed.current && (
        <p class={styles.older} role="status">
          {t("loadingOlder")}…
        </p>
      )}
      {!atEnd && (
        <button
          type="button"
          class={classes(styles.newest, unseen > 0 && styles.hasNew)}
          {...(unseen === 0 && { "aria-label": t("newest") })}
          onClick={() => void toNewest()}
        >
          {unseen > 0 && t("newBelow", { count: unseen })}
          <Icon name="down" />
        </button>
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
      <Announcer messages={messages} me={me} />
    </div>
  );
}

interface ItemRowProps {
  item: Item;
  context: RowContext;
  litSeq: number | null;
  conversation: ConversationShape;
}

/** Scrolling draws the list again at every step; what stands in a row is only drawn anew when it changed. */
function ItemRow({ item, context, litSeq, conversation }: ItemRowProps) {
  const message = item.kind === "message" ? item.message : null;
  const isFirst = item.kind === "message" && item.isFirst;
  const isLast = item.kind === "message" && item.isLast;
  const isTarget = message !== null && message.seq !== null && message.seq === litSeq;
  const drawn = useMemo(
    () =>
      message && (
        <MessageRow message={message} isFirst={isFirst} isLast={isLast} isTarget={isTarget} context={context} />
      ),
    [message, isFirst, isLast, isTarget, context],
  );
  switch (item.kind) {
    case "message":
      return drawn;
    case "day":
      return (
        <p class={styles.day}>
          <span>{dayName(item.at)}</span>
        </p>
      );
    case "unread":
      return (
        <p class={styles.unread} role="separator">
          <span>{t("unreadLine")}</span>
        </p>
      );
    case "start":
      return <Start conversation={conversation} />;
  }
}

function Start({ conversation }: { conversation: ConversationShape }) {
  const { name } = conversation;
  const isGroup = conversation.type === "group";
  return (
    <div class={styles.start}>
      <strong>{isGroup ? t("startGroup", { name }) : t("startDirect", { name })}</strong>
      {!isGroup && conversation.last_seq === 0 && <p>{t("sayHello", { name })}</p>}
    </div>
  );
}

/** Says aloud what others write while one is here; walking through the past stays quiet. */
function Announcer({ messages, me }: { messages: readonly ShownMessage[]; me: string | null }) {
  const newest = messages.findLast((message) => message.seq !== null);
  const known = useRef(newest?.seq ?? 0);
  const [words, setWords] = useState("");
  useEffect(() => {
    const seq = newest?.seq ?? 0;
    if (newest === undefined || seq <= known.current) return;
    known.current = seq;
    if (newest.sender?.id === me) return;
    setWords(t("newMessageFrom", { name: senderName(newest), line: summary(newest, me) }));
  }, [newest, me]);
  return (
    <p class="visually-hidden" role="status">
      {words}
    </p>
  );
}

interface ContextParts extends Pick<RowContext, "conversation" | "me" | "myUsername" | "actions"> {
  menu: { value: OpenMenu | null };
  jumpTo: (seq: number) => Promise<void>;
}

function useRowContext({ conversation, me, myUsername, actions, menu, jumpTo }: ContextParts): RowContext {
  const { participants } = conversation;
  const usernames = useMemo(
    () => new Set(participants.flatMap(({ user }) => user.username?.toLowerCase() ?? [])),
    [participants],
  );
  const names = useMemo(() => new Map(participants.map(({ user }) => [user.id, user.name])), [participants]);
  // Rows keep their drawing while the list changes around them, so they are given a way that leads to the latest.
  const latest = useRef(jumpTo);
  latest.current = jumpTo;
  return useMemo(
    () => ({
      conversation,
      me,
      myUsername,
      usernames,
      names,
      actions,
      openMenu: (message, anchor, what) => (menu.value = { message, anchor, what }),
      jumpTo: (seq) => void latest.current(seq),
    }),
    [conversation, me, myUsername, usernames, names, actions, menu],
  );
}

/**
 * Where the unread line stands. The view works it out when history is there, which may be after the first messages are;
 * until then it is behind what was read when this was opened.
 */
function useUnreadFrom(view: ConversationView, { unread_count: unread, read_seq: read }: ConversationShape): number | null {
  const [atOpening] = useState(unread > 0 ? read + 1 : null);
  return view.firstUnreadSeq.value ?? atOpening;
}

/** The message that is lit up for a moment. */
function useLit() {
  const [seq, setSeq] = useState<number | null>(null);
  useEffect(() => {
    if (seq === null) return;
    const timer = setTimeout(() => setSeq(null), LIT_MS);
    return () => clearTimeout(timer);
  }, [seq]);
  return { litSeq: seq, light: setSeq };
}

/** False for a while after each call of the function beside it, and after the first drawing. */
function useSettled(): [boolean, () => void] {
  const [moves, setMoves] = useState(0);
  const [settled, setSettled] = useState(-1);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(moves), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [moves]);
  return [settled === moves, useCallback(() => setMoves((count) => count + 1), [])];
}

/** The value of the drawing before this one. */
function useBefore<T>(value: T): T {
  const before = useRef(value);
  const answer = before.current;
  useLayoutEffect(() => void (before.current = value));
  return answer;
}

/** Keys of a message that has the focus; by their place, so that a Cyrillic layout does the same. */
function runKey(event: KeyboardEvent, message: ShownMessage, context: RowContext): boolean {
  const may = permissions(message, context.conversation, context.me);
  const anchor = event.currentTarget instanceof Element ? (document.activeElement ?? event.currentTarget) : null;
  if (event.key === "Enter" || event.key === "ContextMenu" || (event.key === "F10" && event.shiftKey)) {
    if (anchor !== null) context.openMenu(message, anchor.querySelector("[data-bubble]") ?? anchor, "menu");
  } else if (event.code === "KeyR" && may.canReply) context.actions.reply(message);
  else if (event.code === "KeyE" && may.canEdit) context.actions.edit(message);
  else if (event.key === "Delete" && may.canDelete) context.actions.deleting.value = message;
  else return false;
  return true;
}

/** The next message in a direction, or null past the last one. */
function neighbour(items: readonly Item[], from: number, step: 1 | -1): number | null {
  for (let index = from + step; index >= 0 && index < items.length; index += step) {
    if (items[index]?.kind === "message") return index;
  }
  return null;
}

function spoken(message: ShownMessage, me: string | null): string {
  const line = summary(message, me);
  const who = message.message_type === "system" ? line : t("newMessageFrom", { name: senderName(message), line });
  const state = message.delivery === null ? "" : `, ${t(message.delivery.state)}`;
  return `${who}, ${timeOfDay(message.created_at)}${state}`;
}

/** Near enough that the scroll bar does not jump much when the true heights are known. */
function estimate(item: Item | undefined): number {
  if (item?.kind !== "message") return 48;
  const { message } = item;
  const lines = Math.ceil(message.content.length / 48) + (message.content.match(/\n/g)?.length ?? 0);
  const media = message.media === null ? 0 : message.media.kind === "image" || message.media.kind === "video" ? 240 : 56;
  return 44 + lines * 22 + media + (message.reply_to === null ? 0 : 52) + (message.reactions.length > 0 ? 28 : 0);
}
