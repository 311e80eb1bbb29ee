/** Calls ring on every page. */
import { effect, untracked } from "@preact/signals";

import { currentUser } from "@/lib/api";

import { calls } from "./model";
import { unlockAtFirstPress } from "./model/sound";
import { startRinging } from "./ring/ringing";

let started = false;

export function start(): void {
  if (started) return;
  started = true;
  unlockAtFirstPress();
  startRinging();
  effect(() => {
    // By the id: a changed profile is the same person.
    if (currentUser.value?.id !== undefined) untracked(calls);
  });
}
