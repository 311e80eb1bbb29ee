/** How much is unread, for the navigation and the title of the tab: known there before the messenger itself is fetched. */
import { effect, signal } from "@preact/signals";

import { waiting } from "@/lib/title";

export const unread = signal(0);

effect(() => {
  waiting.value = unread.value;
});
