/** Messages: history, finding, and everything one does with one. */
import { api } from "@/lib/api";
import type { Page } from "@/lib/api";

import type { MessageShape, Person } from "../shapes";
import { conversationUrl, messageUrl, PAGE, query, ROOT } from "./urls";

export interface History {
  /** Ascending. */
  results: MessageShape[];
  has_before: boolean;
  has_after: boolean;
}

export interface HistoryPlace {
  before_seq?: number;
  after_seq?: number;
  around_seq?: number;
  limit?: number;
}

/** Without a place: the newest. */
export function listMessages(id: string, place: HistoryPlace = {}, signal?: AbortSignal): Promise<History> {
  return api.get(`${conversationUrl(id)}/messages${query({ limit: PAGE, ...place })}`, { signal });
}

/** The first message at or after a day of the reader's own calendar, such as `2026-01-31`. */
export function findDate(id: string, day: string): Promise<{ seq: number | null }> {
  return api.get(`${conversationUrl(id)}/messages/at${query({ date: beginningOf(day) })}`);
}

export interface NewMessage {
  content: string;
  client_id: string;
  message_type?: string;
  media_id?: string;
  reply_to_id?: string;
}

export function sendMessage(id: string, message: NewMessage): Promise<MessageShape & { duplicate?: boolean }> {
  return api.post(`${conversationUrl(id)}/messages`, message);
}

export function listMedia(
  id: string,
  kind: "image" | "video" | "audio" | "file",
  signal?: AbortSignal,
): Promise<Page<MessageShape>> {
  return api.get(`${conversationUrl(id)}/media${query({ kind, limit: PAGE })}`, { signal });
}

export function listPins(id: string, signal?: AbortSignal): Promise<Page<MessageShape>> {
  return api.get(`${conversationUrl(id)}/pins`, { signal });
}

export function readMessage(id: string, signal?: AbortSignal): Promise<MessageShape> {
  return api.get(messageUrl(id), { signal });
}

export function editMessage(id: string, content: string): Promise<MessageShape> {
  return api.put(messageUrl(id), { content });
}

export function deleteMessage(id: string): Promise<void> {
  return api.delete(messageUrl(id));
}

export async function forwardMessage(id: string, conversationIds: string[], clientId: string): Promise<MessageShape[]> {
  const body = { conversation_ids: conversationIds, client_id: clientId };
  return (await api.post<{ results: MessageShape[] }>(`${messageUrl(id)}/forward`, body)).results;
}

export function addReaction(id: string, emoji: string): Promise<unknown> {
  return api.post(`${messageUrl(id)}/reactions`, { emoji });
}

export function removeReaction(id: string, emoji: string): Promise<void> {
  return api.delete(`${messageUrl(id)}/reactions/${encodeURIComponent(emoji)}`);
}

export async function pinMessage(id: string, on: boolean): Promise<void> {
  await (on ? api.put<unknown>(`${messageUrl(id)}/pin`, {}) : api.delete(`${messageUrl(id)}/pin`));
}

export interface Receipt {
  user: Person;
  read_at: string;
}

/** Who has read it, and when. */
export function listReceipts(id: string, signal?: AbortSignal): Promise<Page<Receipt>> {
  return api.get(`${messageUrl(id)}/receipts`, { signal });
}

export function markRead(id: string, messageId: string): Promise<{ read_seq: number; unread_count: number }> {
  return api.post(`${conversationUrl(id)}/read`, { message_id: messageId });
}

export interface SearchFilter {
  q: string;
  conversation_id?: string;
  /** The id of who wrote it. */
  from?: string;
  before?: string;
  after?: string;
  type?: string;
}

export interface SearchHit {
  message: MessageShape;
  conversation: { id: string; name: string; type: "direct" | "group" };
  /** Where in the content, as [start, end) positions. */
  highlights: [number, number][];
}

export function searchMessages(filter: SearchFilter, signal?: AbortSignal): Promise<Page<SearchHit>> {
  return api.get(`${ROOT}/search${query({ ...filter })}`, { signal });
}

/** When a day begins on this reader's clock. */
function beginningOf(day: string): string {
  const [year = 0, month = 1, date = 1] = day.split("-").map(Number);
  return new Date(year, month - 1, date).toISOString();
}
