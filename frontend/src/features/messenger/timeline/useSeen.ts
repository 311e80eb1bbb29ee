import type { VirtualItem } from "@tanstack/virtual-core";
import type { RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

import type { ConversationShape, ConversationView } from "../model";
import type { Item } from "./items";
import { highestSeqInView, isLooking } from "./seen";

interface Options {
  view: ConversationView;
  conversation: ConversationShape;
  items: readonly Item[];
  rows: readonly VirtualItem[];
  scroller: RefObject<HTMLDivElement | null>;
  /** False until the list stands where it is to be read from. */
  isPlaced: { readonly current: boolean };
}

/**
 * Marks as read what somebody had before their eyes. Answers the seq the view has reached, looked at or not.
 */
export function useSeen({ view, conversation, items, rows, scroller, isPlaced }: Options): number {
  const [reached, setReached] = useState(conversation.read_seq);
  const marked = useRef(0);

  useEffect(() => {
    const check = () => {
      const element = scroller.current;
      if (element === null || !isPlaced.current) return;
      const top = element.scrollTop;
      const seq = highestSeqInView(items, rows, { top, bottom: top + element.clientHeight });
      if (seq === null) return;
      setReached((before) => Math.max(before, seq));
      if (!isLooking() || seq <= Math.max(marked.current, conversation.read_seq)) return;
      marked.current = seq;
      view.markRead(seq);
    };
    // Heights are known a frame after the rows are drawn.
    const frame = requestAnimationFrame(check);
    window.addEventListener("focus", check);
    document.addEventListener("visibilitychange", check);
    return () => {
      cancelAnimationFrame(frame);
      window.removeEventListener("focus", check);
      document.removeEventListener("visibilitychange", check);
    };
  }, [view, conversation, items, rows, scroller, isPlaced]);

  return reached;
}
