/** Signing out takes along what the chat kept in this browser, also on a page that never showed it. */
import { onFarewell } from "@/lib/api";

/** Whose pinned and last used models; the rest of the key is the user's id. */
export const MODELS_KEY = "kintsugi.models.";

onFarewell((userId) => localStorage.removeItem(MODELS_KEY + userId));
