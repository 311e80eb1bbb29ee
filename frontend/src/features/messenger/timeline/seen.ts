/** When a message counts as read: it was really in front of somebody. */
import { messagesOf } from "./items";
import type { Item } from "./items";

interface Placed {
  index: number;
  start: number;
  end: number;
}

interface View {
  top: number;
  bottom: number;
}

/** A pixel or two of rounding must not keep the last message unread. */
const TOLERANCE_PX = 4;

/**
 * The highest seq of the confirmed messages in view. One is in view when its end is, or, for one taller than the
 * view, when it fills it.
 */
export function highestSeqInView(items: readonly Item[], placed: readonly Placed[], view: View): number | null {
  let highest: number | null = null;
  for (const { index, start, end } of placed) {
    const item = items[index];
    if (item?.kind !== "message" || item.message.seq === null) continue;
    const endsInView = end <= view.bottom + TOLERANCE_PX && end > view.top;
    const fillsView = start <= view.top && end >= view.bottom;
    if ((endsInView || fillsView) && (highest === null || item.message.seq > highest)) highest = item.message.seq;
  }
  return highest;
}

/** Somebody looks at this page: the tab is in front and the window has the keyboard. */
export function isLooking(page: Pick<Document, "visibilityState" | "hasFocus"> = document): boolean {
  return page.visibilityState === "visible" && page.hasFocus();
}

/** Messages of others that came after the last one seen. */
export function countUnseen(items: readonly Item[], seenSeq: number, me: string | null): number {
  return items.flatMap(messagesOf).filter(
    (message) =>
      message.seq !== null &&
      message.seq > seenSeq &&
      message.message_type !== "system" &&
      message.sender?.id !== me &&
      !message.is_deleted,
  ).length;
}
