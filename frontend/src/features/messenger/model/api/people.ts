/** Contacts, who is online, whom I have blocked. */
import { api } from "@/lib/api";
import type { Page } from "@/lib/api";

import type { Person } from "../shapes";
import { PAGE, query, ROOT } from "./urls";

export interface PresenceShape {
  user_id: string;
  is_online: boolean;
  last_seen: string | null;
}

export interface Contact {
  user: Person;
  is_online: boolean;
  last_seen: string | null;
}

/** People I share a conversation with, the most recent first. */
export function listContacts(signal?: AbortSignal): Promise<Page<Contact>> {
  return api.get(`${ROOT}/contacts${query({ limit: PAGE })}`, { signal });
}

/** By user name, two characters or more. */
export function searchUsers(search: string, signal?: AbortSignal): Promise<Page<Person>> {
  return api.get(`${ROOT}/users${query({ search })}`, { signal });
}

/** Of people I share a conversation with; the others are left out. */
export async function readPresence(userIds: readonly string[]): Promise<PresenceShape[]> {
  const answer = await api.get<{ results: PresenceShape[] }>(`${ROOT}/presence${query({ user_ids: userIds.join(",") })}`);
  return answer.results;
}

export function block(userId: string): Promise<void> {
  return api.post(`${ROOT}/blocks`, { user_id: userId });
}

export function unblock(userId: string): Promise<void> {
  return api.delete(`${ROOT}/blocks/${encodeURIComponent(userId)}`);
}

export interface BlockShape {
  user: Person;
  created_at: string;
}

/** Whom I have blocked, newest first. */
export function listBlocks(signal?: AbortSignal): Promise<Page<BlockShape>> {
  return api.get(`${ROOT}/blocks`, { signal });
}
