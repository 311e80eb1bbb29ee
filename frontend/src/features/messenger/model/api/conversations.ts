/** Conversations: the list, one of them, my settings of it. */
import { api } from "@/lib/api";
import type { Page } from "@/lib/api";
import { limit } from "@/lib/config";

import type { ConversationShape, Draft, NewConversation, Settings } from "../shapes";
import { CONVERSATION } from "./urls";

export interface ConversationFilter {
  /** Both when left out. */
  archived?: boolean;
  search?: string;
}

export function listConversations(filter: ConversationFilter = {}, signal?: AbortSignal): Promise<Page<ConversationShape>> {
  return api.get("/api/messenger/conversations", { query: { ...filter, limit: limit("max_page_size") }, signal });
}

export function readConversation(id: string, signal?: AbortSignal): Promise<ConversationShape> {
  return api.get(CONVERSATION, { path: { conversation_id: id }, signal });
}

/** A direct one that exists already is answered as it is. */
export function createConversation(conversation: NewConversation): Promise<ConversationShape> {
  return api.post("/api/messenger/conversations", { body: conversation });
}

/** Admins of a group. */
export function changeConversation(id: string, change: { name?: string; avatar_id?: string | null }): Promise<ConversationShape> {
  return api.patch(CONVERSATION, { path: { conversation_id: id }, body: change });
}

/** A group goes for everybody (admins); a direct one is hidden here until the next message. */
export function deleteConversation(id: string): Promise<void> {
  return api.delete(CONVERSATION, { path: { conversation_id: id } });
}

export function saveSettings(id: string, settings: Partial<Settings>): Promise<Settings> {
  return api.put(`${CONVERSATION}/settings`, { path: { conversation_id: id }, body: settings });
}

export function saveDraft(id: string, draft: { content: string; reply_to_id?: string | null }): Promise<Draft | undefined> {
  return api.put(`${CONVERSATION}/draft`, { path: { conversation_id: id }, body: draft });
}

/** The whole conversation as a file, as far as I may see it. */
export function exportConversation(id: string, format: "json" | "txt"): Promise<Response> {
  return api.fetch("get", `${CONVERSATION}/export`, { path: { conversation_id: id }, query: { format } });
}
