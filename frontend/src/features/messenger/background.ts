/** Messages arrive on every page: the connection is held, what is unread is counted, and told where that is wanted. */
import { effect, untracked } from "@preact/signals";

import { currentUser } from "@/lib/api";

import { messenger } from "./model";
import { startNotices } from "./notices";
import { unread } from "./unread";

let started = false;

export function start(): void {
  if (started) return;
  started = true;
  effect(() => {
    // By the id: a changed profile is the same person.
    const userId = currentUser.value?.id;
    unread.value = userId === undefined ? 0 : untracked(messenger).unread.value;
  });
  startNotices();
}
