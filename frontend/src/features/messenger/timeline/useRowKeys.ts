import type { RefObject } from "preact";

import { isEnter } from "@/ui";
import type { ListVirtualizer } from "@/ui/windowed";

import type { ShownMessage } from "../model";
import { permissions } from "./actions";
import type { RowContext } from "./context";
import { messagesOf } from "./items";
import type { Item } from "./items";

interface Options {
  items: readonly Item[];
  scroller: RefObject<HTMLDivElement | null>;
  virtualizer: ListVirtualizer;
  context: RowContext;
  /** Past the last message, and with Escape. */
  onLeave: () => void;
}

/**
 * The keyboard walks through the messages: arrows from one to the next, also to those that are not drawn yet, and the keys
 * of the one that has the focus. What has the focus inside a row, such as a link, keeps its keys.
 */
export function useRowKeys({ items, scroller, virtualizer, context, onLeave }: Options): (event: KeyboardEvent) => void {
  const focusRow = (index: number) => {
    virtualizer.scrollToIndex(index, { align: "auto" });
    requestAnimationFrame(() =>
      scroller.current?.querySelector<HTMLElement>(`[data-index="${index}"]`)?.focus({ preventScroll: true }),
    );
  };
  return (event) => {
    const row = event.target instanceof HTMLElement ? event.target.dataset.index : undefined;
    const isOnRow = row !== undefined;
    if (!isOnRow && event.target !== scroller.current) return;
    const index = isOnRow ? Number(row) : -1;
    const [message] = messagesOf(items[index]);
    if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      const next = neighbour(items, isOnRow ? index : items.length, event.key === "ArrowUp" ? -1 : 1);
      event.preventDefault();
      if (next !== null) focusRow(next);
      else if (event.key === "ArrowDown") onLeave();
    } else if (event.key === "Escape") {
      onLeave();
    } else if (isOnRow && message !== undefined && !event.ctrlKey && !event.metaKey && !event.altKey) {
      if (runKey(event, message, context)) event.preventDefault();
    }
  };
}

/** The next message in a direction, or null past the last one. */
function neighbour(items: readonly Item[], from: number, step: 1 | -1): number | null {
  for (let index = from + step; index >= 0 && index < items.length; index += step) {
    if (items[index]?.kind === "message") return index;
  }
  return null;
}

/** Keys of a message that has the focus; by their place, so that a Cyrillic layout does the same. */
function runKey(event: KeyboardEvent, message: ShownMessage, context: RowContext): boolean {
  const may = permissions(message, context.conversation, context.me);
  const anchor = event.currentTarget instanceof Element ? (document.activeElement ?? event.currentTarget) : null;
  if (isEnter(event) || event.key === "ContextMenu" || (event.key === "F10" && event.shiftKey)) {
    if (anchor !== null) context.openMenu(message, anchor.querySelector("[data-bubble]") ?? anchor, "menu");
  } else if (event.code === "KeyR" && may.canReply) context.actions.reply(message);
  else if (event.code === "KeyE" && may.canEdit) context.actions.edit(message);
  else if (event.key === "Delete" && may.canDelete) context.actions.deleting.value = message;
  else return false;
  return true;
}
