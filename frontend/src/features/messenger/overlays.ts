/** What lies over the messenger at the moment: dialogs, the panel, a search. Anything may open it; `MessagesPage` draws it. */
import { signal } from "@preact/signals";

import { navigate } from "@/lib/router";
import { isAtLeast } from "@/ui";

import type { ShownMessage } from "./model";
import type { Spot } from "./stories/order";

export type Overlay =
  | { kind: "new"; start: "people" | "group" }
  | { kind: "forward"; message: ShownMessage }
  | { kind: "viewer"; message: ShownMessage }
  | { kind: "story"; spot: Spot };

export const overlay = signal<Overlay | null>(null);

export const panelOpen = signal(false);

/** What the field above the list holds, and the one conversation it is about, if any. */
export const searchText = signal("");
export const searchScope = signal<string | null>(null);

/** A message somebody asked to see; the timeline takes it when it shows that conversation. */
export const jumpRequest = signal<{ conversationId: string; seq: number } | null>(null);

export const SEARCH_ID = "conversation-search";

export function openNewConversation(start: "people" | "group"): void {
  overlay.value = { kind: "new", start };
}

export function openForward(message: ShownMessage): void {
  overlay.value = { kind: "forward", message };
}

export function openViewer(message: ShownMessage): void {
  overlay.value = { kind: "viewer", message };
}

export function openStory(spot: Spot): void {
  overlay.value = { kind: "story", spot };
}

export function closeOverlay(): void {
  overlay.value = null;
}

export function openPanel(): void {
  panelOpen.value = true;
}

export function closePanel(): void {
  panelOpen.value = false;
}

export function conversationPath(id: string): string {
  return `/app/messages/${id}`;
}

export function openConversation(id: string): void {
  navigate(conversationPath(id));
}

/** Search one conversation, or all of them; on a phone this goes back to the list, where the field is. */
export function searchIn(conversationId: string | null): void {
  searchScope.value = conversationId;
  if (conversationId !== null && !isAtLeast("desk")) navigate("/app/messages");
  requestAnimationFrame(() => document.querySelector<HTMLElement>(`#${SEARCH_ID} input`)?.focus());
}

export function endSearch(): void {
  searchText.value = "";
  searchScope.value = null;
}

/** Show a message where it was said, and light it up. */
export function goToMessage(conversationId: string, seq: number): void {
  jumpRequest.value = { conversationId, seq };
  openConversation(conversationId);
}
