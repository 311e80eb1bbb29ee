/** Signing out takes along what the chat kept in this browser, also on a page that never showed it. */
import { onFarewell } from "@/lib/api";

/** Whose pinned and last used models; the rest of the key is the user's id. */
export const MODELS_KEY = "kintsugi.models.";

/** The names of the databases of chats that can be read offline begin with it; the rest is the user's id. */
export const CHATS_PREFIX = "kintsugi.aichat.";

onFarewell((userId) => {
  localStorage.removeItem(MODELS_KEY + userId);
  // Open ones, of any tab, close themselves when they are asked to.
  (globalThis as Partial<typeof globalThis>).indexedDB?.deleteDatabase(CHATS_PREFIX + userId);
});
