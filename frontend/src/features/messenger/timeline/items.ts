/** Turns messages into what the timeline draws: days, the line before what is unread, and bubbles in groups. */
import type { ShownMessage } from "../model";
import { dayKey } from "../parts/format";

/** Consecutive messages of one person closer than this stand together. */
const GROUP_MS = 5 * 60_000;

export interface MessageItem {
  kind: "message";
  key: string;
  /** Of an album the last one. */
  message: ShownMessage;
  /** Pictures and films that were sent together, in their order; empty for all else. */
  album: readonly ShownMessage[];
  /** The first of a group shows who speaks, the last one has the tail. */
  isFirst: boolean;
  isLast: boolean;
}

export type Item =
  | { kind: "start"; key: "start" }
  | { kind: "day"; key: string; at: string }
  | { kind: "unread"; key: "unread" }
  | MessageItem;

interface Options {
  /** The first message of others that was unread when the conversation was opened. */
  firstUnreadSeq: number | null;
  /**
   * More of the past can be loaded above. Which message its day begins with is not known then, and the day's name would
   * stay on top when the rest of the day comes in below it, and take the reader along.
   */
  hasOlder: boolean;
  /** Nothing is older: the list begins with a word about the conversation. */
  isWhole: boolean;
}

export function buildItems(messages: readonly ShownMessage[], options: Options): Item[] {
  const { firstUnreadSeq, hasOlder, isWhole } = options;
  const items: Item[] = isWhole ? [{ kind: "start", key: "start" }] : [];
  let before: ShownMessage | null = null;
  let day = "";
  let unreadShown = false;
  for (const [index, message] of messages.entries()) {
    const today = dayKey(message.created_at);
    const isNewDay = today !== day;
    if (isNewDay && !(before === null && hasOlder)) items.push({ kind: "day", key: `day:${today}`, at: message.created_at });
    day = today;
    const isUnreadLine =
      !unreadShown && firstUnreadSeq !== null && message.seq !== null && message.seq >= firstUnreadSeq;
    if (isUnreadLine) {
      items.push({ kind: "unread", key: "unread" });
      unreadShown = true;
    }
    const next = messages[index + 1];
    const isLast =
      next === undefined ||
      !belongTogether(message, next) ||
      dayKey(next.created_at) !== today ||
      (!unreadShown && firstUnreadSeq !== null && next.seq !== null && next.seq >= firstUnreadSeq);
    const last = items.at(-1);
    if (last?.kind === "message" && isSameAlbum(last.message, message)) {
      items[items.length - 1] = { ...last, message, album: [...(last.album.length > 0 ? last.album : [last.message]), message], isLast };
      before = message;
      continue;
    }
    items.push({
      kind: "message",
      key: message.album_id === null ? message.key : `album:${message.album_id}`,
      message,
      album: [],
      isFirst: isNewDay || isUnreadLine || before === null || !belongTogether(before, message),
      isLast,
    });
    before = message;
  }
  return withUniqueKeys(items);
}

export function belongTogether(a: ShownMessage, b: ShownMessage): boolean {
  if (a.message_type === "system" || b.message_type === "system") return false;
  if (a.sender === null || a.sender.id !== b.sender?.id) return false;
  return Math.abs(Date.parse(b.created_at) - Date.parse(a.created_at)) < GROUP_MS;
}

function isSameAlbum(a: ShownMessage, b: ShownMessage): boolean {
  return a.album_id !== null && a.album_id === b.album_id && a.sender?.id === b.sender?.id;
}

/** One, or those of an album; none of a line between messages. */
export function messagesOf(item: Item | undefined): readonly ShownMessage[] {
  if (item?.kind !== "message") return [];
  return item.album.length > 0 ? item.album : [item.message];
}

/** Where a message is in the list, or -1. */
export function indexOfSeq(items: readonly Item[], seq: number): number {
  return items.findIndex((item) => messagesOf(item).some((message) => message.seq === seq));
}

/**
 * Clocks of the queue and the server differ: a day may come twice around midnight, its key may not. Nor may that of an
 * album into which somebody else's words came.
 */
function withUniqueKeys(items: Item[]): Item[] {
  const seen = new Set<string>();
  return items.map((item) => {
    if (item.kind !== "day" && item.kind !== "message") return item;
    let key = item.key;
    while (seen.has(key)) key += "+";
    seen.add(key);
    return key === item.key ? item : { ...item, key };
  });
}
