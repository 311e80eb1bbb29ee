/** What the chats kept in this browser goes when its person or its chat does, also on a page that never showed it. */
import { onFarewell } from "@/lib/api";
import { subscribe } from "@/lib/realtime/eventBus";
import type { ChatDeleted } from "@/lib/realtime/events.gen";

/** Whose pinned and last used models; the rest of the key is the user's id. */
export const MODELS_KEY = "kintsugi.models.";

/** The names of the databases of chats that can be read offline begin with it; the rest is the user's id. */
export const CHATS_PREFIX = "kintsugi.aichat.";

/** What is being written, in this tab; the rest of the key is the user's id and the chat's. */
export const DRAFTS_KEY = "kintsugi.draft.";

onFarewell((userId) => {
  for (const key of Object.keys(sessionStorage)) {
    if (key.startsWith(DRAFTS_KEY + userId)) sessionStorage.removeItem(key);
  }
  localStorage.removeItem(MODELS_KEY + userId);
  // Open ones, of any tab, close themselves when they are asked to.
  (globalThis as Partial<typeof globalThis>).indexedDB?.deleteDatabase(CHATS_PREFIX + userId);
});

// Also where no chat was looked at since the page began.
subscribe("chat.deleted", (frame) => {
  const { chat_id } = frame.payload as ChatDeleted;
  void import("./model/offline").then(({ dropChat }) => dropChat(chat_id)).catch(() => undefined);
});
