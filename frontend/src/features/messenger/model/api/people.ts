/** Contacts, who is online, whom I have blocked. */
import { api } from "@/lib/api";
import type { Page } from "@/lib/api";

import type { Block, Contact, Person, PresenceShape } from "../shapes";
import { PAGE } from "./urls";

/** People I share a conversation with, the most recent first. */
export function listContacts(signal?: AbortSignal): Promise<Page<Contact>> {
  return api.get("/api/messenger/contacts", { query: { limit: PAGE }, signal });
}

/** By user name, two characters or more. */
export function searchUsers(search: string, signal?: AbortSignal): Promise<Page<Person>> {
  return api.get("/api/messenger/users", { query: { search }, signal });
}

/** Of people I share a conversation with; the others are left out. */
export async function readPresence(userIds: readonly string[]): Promise<PresenceShape[]> {
  return (await api.get("/api/messenger/presence", { query: { user_ids: userIds.join(",") } })).results;
}

export async function block(userId: string): Promise<void> {
  await api.post("/api/messenger/blocks", { body: { user_id: userId } });
}

export function unblock(userId: string): Promise<void> {
  return api.delete("/api/messenger/blocks/{user_id}", { path: { user_id: userId } });
}

/** Whom I have blocked, newest first. */
export function listBlocks(signal?: AbortSignal): Promise<Page<Block>> {
  return api.get("/api/messenger/blocks", { signal });
}
