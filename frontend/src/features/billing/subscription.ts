/** The subscription as last heard of, for the page and for the banner above every page. */
import { computed, signal } from "@preact/signals";

import { currentUser } from "@/lib/api";

import { loadSubscription } from "./api";
import type { Subscription } from "./shapes";

const FRESH_MS = 60_000;

const heard = signal<{ owner: string; value: Subscription } | null>(null);
let askedFor: string | null = null;
let askedAt = 0;

/** Of whoever is signed in now; never that of the one before. */
export const subscription = computed(() =>
  heard.value !== null && heard.value.owner === currentUser.value?.id ? heard.value.value : null,
);

export function keepSubscription(value: Subscription): void {
  const owner = currentUser.peek()?.id;
  if (owner === undefined) return;
  heard.value = { owner, value };
  [askedFor, askedAt] = [owner, Date.now()];
}

/** Ask again when what is known is a minute old; after a failure the next look asks again. */
export async function refreshIfOld(): Promise<void> {
  const owner = currentUser.peek()?.id;
  if (owner !== undefined && (askedFor !== owner || Date.now() - askedAt >= FRESH_MS)) await refresh();
}

/** Something changed, the server says. */
export async function refresh(): Promise<void> {
  const owner = currentUser.peek()?.id;
  if (owner === undefined) return;
  [askedFor, askedAt] = [owner, Date.now()];
  try {
    const value = await loadSubscription();
    if (currentUser.peek()?.id === owner) keepSubscription(value);
  } catch {
    askedFor = null;
  }
}
