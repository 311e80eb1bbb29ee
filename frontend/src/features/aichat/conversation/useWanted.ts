import { useEffect } from "preact/hooks";

import { toast } from "@/ui";

import type { Conversation } from "../model/conversation";
import { t } from "../words";

interface Options {
  conversation: Conversation;
  show: (index: number, id: string) => void;
  unsettle: () => void;
}

/** Shows the message somebody asked to see, once the pages up to it are here; says so when it is not in this branch. */
export function useWanted({ conversation, show, unsettle }: Options): void {
  const wanted = conversation.wanted.value;
  const thread = conversation.thread.value;
  const isLoading = conversation.loading.value;
  const hasOlder = conversation.hasOlder.value;

  useEffect(() => {
    if (wanted === null || isLoading) return;
    const index = thread.findIndex(({ id }) => id === wanted);
    if (index >= 0) {
      conversation.wanted.value = null;
      show(index, wanted);
    } else if (hasOlder) {
      unsettle();
      conversation.loadOlder().catch(() => (conversation.wanted.value = null));
    } else {
      conversation.wanted.value = null;
      toast(t("notInBranch"));
    }
  }, [conversation, wanted, thread, isLoading, hasOlder, show, unsettle]);
}
