import { computed, signal } from "@preact/signals";

import { api, isAbort } from "@/lib/api";
import type { Page } from "@/lib/api";

import type { Chat, ChatChange } from "../shapes";
import * as server from "./api";
import { dropChat, isUnreachable, keptChats } from "./offline";

/** The list beside the conversation. */
export const search = signal("");
export const archived = signal(false);
export const listState = signal<"loading" | "ready" | "failed">("loading");
export const listError = signal<unknown>(null);
/** The server cannot be reached; listed is what was opened here last. */
export const isKept = signal(false);
const chats = signal<readonly Chat[]>([]);
/** The last page that was read; null while it is read, or none. */
const last = signal<Page<Chat> | null>(null);
let request = new AbortController();

export const hasMore = computed(() => typeof last.value?.next === "string");
export const pinned = computed(() => (archived.value ? [] : chats.value.filter((chat) => chat.pinned)));
export const unpinned = computed(() => (archived.value ? chats.value : chats.value.filter((chat) => !chat.pinned)));

/** Ask for the first page of what is searched for; a later call overtakes an earlier one. */
export async function loadChats(): Promise<void> {
  request.abort();
  request = new AbortController();
  const { signal: abort } = request;
  listState.value = chats.value.length === 0 ? "loading" : listState.value;
  try {
    const page = await server.listChats({ search: search.value.trim(), archived: archived.value }, abort);
    chats.value = page.results;
    last.value = page;
    isKept.value = false;
    listState.value = "ready";
    if (search.value.trim() === "") void dropDeleted(page);
  } catch (error) {
    if (isAbort(error) || (await showKept(error))) return;
    listError.value = error;
    listState.value = "failed";
  }
}

/** What was missed is shown; what is further down stays as it was read. */
export async function refreshChats(): Promise<void> {
  if (listState.value !== "ready" || isKept.value || search.value.trim() !== "") return loadChats();
  const { signal: abort } = request;
  const page = await server.listChats({ search: "", archived: archived.value }, abort).catch(() => null);
  if (page === null || abort.aborted) return;
  const oldest = page.results.at(-1)?.updated_at ?? "";
  const below = page.next === null ? [] : chats.value.filter((chat) => chat.updated_at < oldest);
  chats.value = mergePages(page.results, below);
  if (below.length === 0) last.value = page;
}

/** What is kept and would stand on this page if it were still there was deleted while nobody listened here. */
async function dropDeleted({ results, next }: Page<Chat>): Promise<void> {
  const there = new Set(results.map(({ id }) => id));
  const oldest = next === null ? "" : (results.at(-1)?.updated_at ?? "");
  const shownHere = archived.value;
  for (const { id, archived: isArchived, updated_at } of await keptChats()) {
    if (isArchived === shownHere && !there.has(id) && updated_at > oldest) dropChat(id);
  }
}

async function showKept(error: unknown): Promise<boolean> {
  if (!isUnreachable(error) || chats.value.length > 0) return false;
  const words = search.value.trim().toLowerCase();
  const kept = (await keptChats()).filter(
    (chat) => chat.archived === archived.value && chat.title.toLowerCase().includes(words),
  );
  if (kept.length === 0) return false;
  chats.value = kept;
  last.value = null;
  isKept.value = true;
  listState.value = "ready";
  return true;
}

export async function loadMoreChats(): Promise<void> {
  const before = last.value;
  if (before === null) return;
  last.value = null;
  try {
    const page = await api.nextPage(before, request.signal);
    if (page === null) return;
    chats.value = mergePages(chats.value, page.results);
    last.value = page;
  } catch (error) {
    if (!isAbort(error)) last.value = before;
  }
}

/** A chat was made or changed: it takes its place among the others. */
export function receiveChat(changed: Chat): void {
  // Only a list that was searched says where the words were.
  const found = changed.found ?? chats.value.find((chat) => chat.id === changed.id)?.found;
  const chat = found === undefined ? changed : { ...changed, found };
  chats.value = placeChat(chats.value, chat, archived.value, search.value.trim());
}

export function removeChat(id: string): void {
  chats.value = chats.value.filter((chat) => chat.id !== id);
}

/** Change a chat at once on the screen, and back again when the server refuses. */
export async function changeListed(chat: Chat, change: ChatChange): Promise<Chat> {
  receiveChat({ ...chat, ...change });
  try {
    const changed = await server.changeChat(chat.id, change);
    receiveChat(changed);
    return changed;
  } catch (error) {
    receiveChat(chat);
    throw error;
  }
}

export function clearChats(): void {
  request.abort();
  chats.value = [];
  isKept.value = false;
  search.value = "";
  archived.value = false;
}

/** Newest first. A chat that does not belong into this view leaves it; an unknown one joins only an unfiltered view. */
export function placeChat(list: readonly Chat[], chat: Chat, archivedView: boolean, query: string): readonly Chat[] {
  const known = list.some((other) => other.id === chat.id);
  const others = list.filter((other) => other.id !== chat.id);
  if (chat.archived !== archivedView || (!known && query !== "")) return others;
  return [...others, chat].sort((a, b) => b.updated_at.localeCompare(a.updated_at));
}

/** A chat may have moved while the pages were read; it is shown once. */
export function mergePages(list: readonly Chat[], more: readonly Chat[]): readonly Chat[] {
  const known = new Set(list.map((chat) => chat.id));
  return [...list, ...more.filter((chat) => !known.has(chat.id))];
}
