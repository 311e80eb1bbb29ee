import { useEffect, useRef } from "preact/hooks";

import { toast } from "@/ui";

import type { Conversation } from "../model/conversation";
import { t as around } from "./listWords";

interface Options {
  conversation: Conversation;
  show: (index: number, id: string) => void;
  unsettle: () => void;
}

/**
 * Shows the message somebody asked to see, once the pages up to it are here. One that stands in another version of the chat
 * brings that version up; says so where there is none.
 */
export function useWanted({ conversation, show, unsettle }: Options): void {
  const wanted = conversation.wanted.value;
  const thread = conversation.thread.value;
  const isLoading = conversation.loading.value;
  const hasOlder = conversation.hasOlder.value;

  const switched = useRef<string | null>(null);

  useEffect(() => {
    if (wanted === null || isLoading) return;
    const index = thread.findIndex(({ id }) => id === wanted);
    if (index >= 0) {
      conversation.wanted.value = null;
      show(index, wanted);
    } else if (hasOlder) {
      unsettle();
      conversation.loadOlder().catch(() => (conversation.wanted.value = null));
    } else if (switched.current !== wanted) {
      switched.current = wanted;
      unsettle();
      conversation.switchBranch(wanted).catch(() => giveUp(conversation));
    } else {
      giveUp(conversation);
    }
  }, [conversation, wanted, thread, isLoading, hasOlder, show, unsettle]);
}

function giveUp(conversation: Conversation): void {
  conversation.wanted.value = null;
  toast(around("notInBranch"));
}
