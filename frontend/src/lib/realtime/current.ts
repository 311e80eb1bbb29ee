/** The socket of whoever is signed in: for features that speak over it and do not keep it. */
import { signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";

import type { SharedSocket } from "./options";

const started = signal<SharedSocket | null>(null);

/** Null while none is started. One that has lost its line is still the current one: its `state` says so. */
export const currentSocket: ReadonlySignal<SharedSocket | null> = started;

export function socketStarted(socket: SharedSocket): void {
  started.value = socket;
}

/** A socket that is not the current one any more takes nothing away from its successor. */
export function socketStopped(socket: SharedSocket): void {
  if (started.peek() === socket) started.value = null;
}
