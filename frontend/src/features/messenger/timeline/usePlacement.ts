import { useCallback, useEffect, useLayoutEffect, useRef } from "preact/hooks";

import { toast } from "@/ui";
import { usePlace, type ListVirtualizer } from "@/ui/windowed";

import type { ConversationView } from "../model";
import { jumpRequest } from "../overlays";
import { indexOfSeq } from "./items";
import type { Item } from "./items";
import { t } from "./words";

interface Options {
  view: ConversationView;
  items: readonly Item[];
  unreadIsOlder: boolean;
  virtualizer: ListVirtualizer;
}

interface Placement {
  /** False until the list stands where it is to be read from. */
  isPlaced: { readonly current: boolean };
  /** False for a moment after each jump: nothing may be put above or below meanwhile. */
  isSettled: boolean;
  /** The message that is lit up for a moment, because somebody asked to see it. */
  litSeq: number | null;
  /** Show a message in the middle, loaded or not; says so when it cannot be found. */
  jumpTo: (seq: number) => void;
  toNewest: () => void;
}

/** Where the timeline looks: at first the unread line or the end, later what somebody asks for, here or elsewhere. */
export function usePlacement({ view, items, unreadIsOlder, virtualizer }: Options): Placement {
  const isPlaced = useRef(false);
  const { lit: litSeq, isSettled, show, unsettle } = usePlace<number>(virtualizer);
  /** What was asked for and is not among the items yet. */
  const wanted = useRef<number | null>(null);

  const jumpTo = useCallback(
    async (seq: number) => {
      const index = indexOfSeq(items, seq);
      if (index >= 0) {
        // It is here; what is on its way above it would move it.
        void view.jumpTo({ seq }).catch(() => undefined);
        show(index, seq);
        return;
      }
      const found = await view.jumpTo({ seq }).catch(() => null);
      if (found === null) {
        toast(t("jumpFailed"));
        return;
      }
      wanted.current = found;
      unsettle();
    },
    [items, show, view, unsettle],
  );
  const toUnread = async () => {
    wanted.current = await view.jumpTo("unread").catch(() => null);
    if (wanted.current === null) virtualizer.scrollToEnd();
    unsettle();
  };
  const toNewest = async () => {
    if (view.hasNewer.peek()) await view.jumpTo("newest").catch(() => null);
    virtualizer.scrollToEnd();
  };

  useLayoutEffect(() => {
    if (wanted.current !== null) {
      const index = indexOfSeq(items, wanted.current);
      if (index < 0) return;
      show(index, wanted.current);
      wanted.current = null;
      isPlaced.current = true;
      return;
    }
    if (isPlaced.current || !items.some(({ kind }) => kind === "message")) return;
    isPlaced.current = true;
    unsettle();
    const unread = items.findIndex(({ kind }) => kind === "unread");
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

  return { isPlaced, isSettled, litSeq, jumpTo: (seq) => void jumpTo(seq), toNewest: () => void toNewest() };
}
