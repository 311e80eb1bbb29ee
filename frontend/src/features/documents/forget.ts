/** What documents kept in this browser goes with its person, also on a page that never showed it. */
import { onFarewell } from "@/lib/api";

/** What is being edited, in this tab; the rest of the key is the document's id and the section's number. */
export const EDIT_KEY = "kintsugi.documents.edit.";

onFarewell(() => {
  const kept = Array.from({ length: sessionStorage.length }, (_, index) => sessionStorage.key(index) ?? "");
  for (const key of kept) if (key.startsWith(EDIT_KEY)) sessionStorage.removeItem(key);
});
