import { useMemo, useState } from "preact/hooks";

import type { ConversationShape, ConversationView } from "../model";
import { buildItems } from "./items";
import type { Item } from "./items";

interface Items {
  items: readonly Item[];
  /** The line before what is unread belongs before a message that is not loaded yet. */
  unreadIsOlder: boolean;
}

/** What the timeline draws of the messages that are loaded. */
export function useItems(view: ConversationView, conversation: ConversationShape): Items {
  const messages = view.messages.value;
  const hasOlder = view.hasOlder.value;
  const isWhole = !hasOlder && !view.loading.value;
  const firstUnreadSeq = useUnreadFrom(view, conversation);
  const firstSeq = messages[0]?.seq ?? null;
  const unreadIsOlder = firstUnreadSeq !== null && firstSeq !== null && firstSeq > firstUnreadSeq && hasOlder;
  const items = useMemo(
    () => buildItems(messages, { firstUnreadSeq: unreadIsOlder ? null : firstUnreadSeq, hasOlder, isWhole }),
    [messages, firstUnreadSeq, unreadIsOlder, hasOlder, isWhole],
  );
  return { items, unreadIsOlder };
}

/**
 * Where the unread line stands. The view works it out when history is there, which may be after the first messages are;
 * until then it is behind what was read when this was opened.
 */
function useUnreadFrom(view: ConversationView, { unread_count: unread, read_seq: read }: ConversationShape): number | null {
  const [atOpening] = useState(unread > 0 ? read + 1 : null);
  return view.firstUnreadSeq.value ?? atOpening;
}
