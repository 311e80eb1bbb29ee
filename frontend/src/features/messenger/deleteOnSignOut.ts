/** Signing out takes along what the messenger kept in this browser, also on a page that never showed it. */
import { onFarewell } from "@/lib/api";

/** The names of its databases begin with it; the rest is the user's id. */
export const DATABASE_PREFIX = "kintsugi.messenger.";

// Open ones, of any tab, close themselves when they are asked to.
onFarewell((userId) => {
  (globalThis as Partial<typeof globalThis>).indexedDB?.deleteDatabase(DATABASE_PREFIX + userId);
});
