/** Conversations: the list, one of them, my settings of it. */
import { api, authorizedFetch } from "@/lib/api";
import type { Page } from "@/lib/api";

import type { ConversationShape, Draft } from "../shapes";
import type { Settings } from "../types";
import { conversationUrl, MOST, query, ROOT } from "./urls";

export interface ConversationFilter {
  /** Both when left out. */
  archived?: boolean;
  search?: string;
}

export function listConversations(filter: ConversationFilter = {}, signal?: AbortSignal): Promise<Page<ConversationShape>> {
  return api.get(`${ROOT}/conversations${query({ ...filter, limit: MOST })}`, { signal });
}

/** `url` is the `next` or `previous` of a page, of any list. */
export function followPage<T>(url: string, signal?: AbortSignal): Promise<Page<T>> {
  return api.get(url, { signal });
}

export function readConversation(id: string, signal?: AbortSignal): Promise<ConversationShape> {
  return api.get(conversationUrl(id), { signal });
}

export interface NewConversation {
  type: "direct" | "group";
  participant_ids: string[];
  name?: string;
  avatar_id?: string;
}

/** A direct one that exists already is answered as it is. */
export function createConversation(conversation: NewConversation): Promise<ConversationShape> {
  return api.post(`${ROOT}/conversations`, conversation);
}

/** Admins of a group. */
export function changeConversation(id: string, change: { name?: string; avatar_id?: string | null }): Promise<ConversationShape> {
  return api.patch(conversationUrl(id), change);
}

/** A group goes for everybody (admins); a direct one is hidden here until the next message. */
export function deleteConversation(id: string): Promise<void> {
  return api.delete(conversationUrl(id));
}

export function saveSettings(id: string, settings: Partial<Settings>): Promise<Settings> {
  return api.put(`${conversationUrl(id)}/settings`, settings);
}

export function saveDraft(id: string, draft: { content: string; reply_to_id?: string | null }): Promise<Draft | null> {
  return api.put(`${conversationUrl(id)}/draft`, draft);
}

/** The whole conversation as a file, as far as I may see it. */
export function exportConversation(id: string, format: "json" | "txt"): Promise<Response> {
  return authorizedFetch(`${conversationUrl(id)}/export?format=${format}`);
}

export function readUnread(): Promise<{ unread_count: number; conversations: number }> {
  return api.get(`${ROOT}/unread`);
}
