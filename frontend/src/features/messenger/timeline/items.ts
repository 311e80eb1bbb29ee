/** Turns messages into what the timeline draws: days, the line before what is unread, and bubbles in groups. */
import type { ShownMessage } from "../model";
import { dayKey } from "../parts/format";

/** Consecutive messages of one person closer than this stand together. */
const GROUP_MS = 5 * 60_000;

export interface MessageItem {
  kind: "message";
  key: string;
  message: ShownMessage;
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
    items.push({
      kind: "message",
      key: message.key,
      message,
      isFirst: isNewDay || isUnreadLine || before === null || !belongTogether(before, message),
      isLast:
        next === undefined ||
        !belongTogether(message, next) ||
        dayKey(next.created_at) !== today ||
        (!unreadShown && firstUnreadSeq !== null && next.seq !== null && next.seq >= firstUnreadSeq),
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

/** Where a message is in the list, or -1. */
export function indexOfSeq(items: readonly Item[], seq: number): number {
  return items.findIndex((item) => item.kind === "message" && item.message.seq === seq);
}

/** Clocks of the queue and the server differ: a day may come twice around midnight, its key may not. */
function withUniqueKeys(items: Item[]): Item[] {
  const seen = new Set<string>();
  return items.map((item) => {
    if (item.kind !== "day") return item;
    let key = item.key;
    while (seen.has(key)) key += "+";
    seen.add(key);
    return { ...item, key };
  });
}
