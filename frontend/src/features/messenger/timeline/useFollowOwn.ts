import { useLayoutEffect, useRef } from "preact/hooks";

import type { ListVirtualizer } from "@/ui/windowed";

import type { ConversationView } from "../model";

/** What one sends from this page is followed to the end, wherever one was reading. */
export function useFollowOwn(view: ConversationView, virtualizer: ListVirtualizer): void {
  const messages = view.messages.value;
  const lastSent = view.lastSent.value;
  const followed = useRef(lastSent);
  useLayoutEffect(() => {
    // From a window in the past it is here only with the newest, and then it may be confirmed already.
    if (lastSent === followed.current || !messages.some(({ key }) => key === lastSent)) return;
    followed.current = lastSent;
    virtualizer.scrollToEnd();
  });
}
