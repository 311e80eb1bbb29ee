/** The models that a person pinned or used last, kept in this browser until they sign out. */
import { effect, signal } from "@preact/signals";

import { currentUser } from "@/lib/api";

import { MODELS_KEY } from "../deleteOnSignOut";

export interface Kept {
  readonly pinned: readonly string[];
  /** The last one first. */
  readonly recent: readonly string[];
}

const RECENT = 5;
const NOTHING: Kept = { pinned: [], recent: [] };

export const kept = signal(NOTHING);

effect(() => {
  const user = currentUser.value;
  kept.value = user === null ? NOTHING : parse(localStorage.getItem(MODELS_KEY + user.id));
});

export function togglePinned(id: string): void {
  const { pinned, recent } = kept.peek();
  keep({ pinned: pinned.includes(id) ? pinned.filter((other) => other !== id) : [...pinned, id], recent });
}

export function noteUse(id: string): void {
  const { pinned, recent } = kept.peek();
  keep({ pinned, recent: [id, ...recent.filter((other) => other !== id)].slice(0, RECENT) });
}

function keep(next: Kept): void {
  const user = currentUser.peek();
  if (user === null) return;
  localStorage.setItem(MODELS_KEY + user.id, JSON.stringify(next));
  kept.value = next;
}

/** What somebody wrote there by hand, or another version of this client, is no reason to fail. */
function parse(text: string | null): Kept {
  try {
    const { pinned, recent } = JSON.parse(text ?? "{}") as Record<keyof Kept, unknown>;
    return { pinned: strings(pinned), recent: strings(recent).slice(0, RECENT) };
  } catch {
    return NOTHING;
  }
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === "string") : [];
}
