/** What translation kept in this browser goes with its person, also on a page that never showed it. */
import { onFarewell } from "@/lib/api";

/** What is being written, in this tab; the rest of the key is the user's id. */
export const TEXT_KEY = "kintsugi.translation.text.";

/** The languages that were used last, in this browser. */
export const RECENT_KEY = "kintsugi.translation.recent";

onFarewell((userId) => {
  sessionStorage.removeItem(TEXT_KEY + userId);
  localStorage.removeItem(RECENT_KEY);
});
