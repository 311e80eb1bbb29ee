/** Messages: history, finding, and everything one does with one. */
import { api } from "@/lib/api";
import type { Page } from "@/lib/api";

import type { History, MessageShape, NewMessage, ReadPosition, Receipt, SearchFilter, SearchHit, SentMessage } from "../shapes";
import { CONVERSATION, MESSAGE, PAGE } from "./urls";

export interface HistoryPlace {
  before_seq?: number;
  after_seq?: number;
  around_seq?: number;
  limit?: number;
}

/** Ascending. Without a place: the newest. */
export function listMessages(id: string, place: HistoryPlace = {}, signal?: AbortSignal): Promise<History> {
  const query = { limit: PAGE, ...place };
  return api.get(`${CONVERSATION}/messages`, { path: { conversation_id: id }, query, signal });
}

/** The first message at or after a day of the reader's own calendar, such as `2026-01-31`. */
export function findDate(id: string, day: string): Promise<{ seq: number | null }> {
  return api.get(`${CONVERSATION}/messages/at`, { path: { conversation_id: id }, query: { date: beginningOf(day) } });
}

export function sendMessage(id: string, message: NewMessage): Promise<SentMessage> {
  return api.post(`${CONVERSATION}/messages`, { path: { conversation_id: id }, body: message });
}

export function listMedia(
  id: string,
  kind: "image" | "video" | "audio" | "file",
  signal?: AbortSignal,
): Promise<Page<MessageShape>> {
  return api.get(`${CONVERSATION}/media`, { path: { conversation_id: id }, query: { kind, limit: PAGE }, signal });
}

export function listPins(id: string, signal?: AbortSignal): Promise<Page<MessageShape>> {
  return api.get(`${CONVERSATION}/pins`, { path: { conversation_id: id }, signal });
}

export function readMessage(id: string, signal?: AbortSignal): Promise<MessageShape> {
  return api.get(MESSAGE, { path: { message_id: id }, signal });
}

export function editMessage(id: string, content: string): Promise<MessageShape> {
  return api.put(MESSAGE, { path: { message_id: id }, body: { content } });
}

export function deleteMessage(id: string): Promise<void> {
  return api.delete(MESSAGE, { path: { message_id: id } });
}

export async function forwardMessage(id: string, conversationIds: string[], clientId: string): Promise<MessageShape[]> {
  const body = { conversation_ids: conversationIds, client_id: clientId };
  return (await api.post(`${MESSAGE}/forward`, { path: { message_id: id }, body })).results;
}

export function addReaction(id: string, emoji: string): Promise<unknown> {
  return api.post(`${MESSAGE}/reactions`, { path: { message_id: id }, body: { emoji } });
}

export function removeReaction(id: string, emoji: string): Promise<void> {
  return api.delete(`${MESSAGE}/reactions/{emoji}`, { path: { message_id: id, emoji } });
}

export async function pinMessage(id: string, on: boolean): Promise<void> {
  const call = { path: { message_id: id } };
  await (on ? api.put(`${MESSAGE}/pin`, call) : api.delete(`${MESSAGE}/pin`, call));
}

/** Who has read it, and when. */
export function listReceipts(id: string, signal?: AbortSignal): Promise<Page<Receipt>> {
  return api.get(`${MESSAGE}/receipts`, { path: { message_id: id }, signal });
}

export function markRead(id: string, messageId: string): Promise<ReadPosition> {
  return api.post(`${CONVERSATION}/read`, { path: { conversation_id: id }, body: { message_id: messageId } });
}

export function searchMessages(filter: SearchFilter, signal?: AbortSignal): Promise<Page<SearchHit>> {
  return api.get("/api/messenger/search", { query: filter, signal });
}

/** When a day begins on this reader's clock. */
function beginningOf(day: string): string {
  const [year = 0, month = 1, date = 1] = day.split("-").map(Number);
  return new Date(year, month - 1, date).toISOString();
}
