import { signal, useSignalEffect } from "@preact/signals";

import type { Conversation } from "../model/conversation";

const isVisible = signal(document.visibilityState === "visible");
document.addEventListener("visibilitychange", () => (isVisible.value = document.visibilityState === "visible"));

/** The server hears that an answer which took long was seen, so that no device rings for it. */
export function useSeen(conversation: Conversation): void {
  useSignalEffect(() => {
    const leaf = conversation.thread.value.at(-1);
    if (!isVisible.value || leaf === undefined || conversation.run.value !== null || conversation.asOf.value !== null) return;
    const { role, unseen } = leaf.data.value;
    const isNews = role === "assistant" && (unseen || leaf.isFresh.value);
    // Should it not arrive, a notice of what was seen is the least of troubles.
    if (isNews && !leaf.isLocal) conversation.see(leaf).catch(() => undefined);
  });
}
