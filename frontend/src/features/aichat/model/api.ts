/** The aichat endpoints this client calls, one function each. */
import { api, authorizedFetch } from "@/lib/api";
import type { Page } from "@/lib/api";

import type { Chat, ChatChange, Estimate, EstimateRequest, Message, Model, NewChat, NewMessage } from "../types";

const CHATS = "/api/chats";
const HISTORY_PAGE = 30;

export interface ChatFilter {
  search: string;
  archived: boolean;
}

export function listChats({ search, archived }: ChatFilter, signal: AbortSignal): Promise<Page<Chat>> {
  const query = new URLSearchParams({ archived: String(archived), ...(search !== "" && { search }) });
  return api.get(`${CHATS}?${query}`, { signal });
}

/** `url` is the `next` of a page. */
export function nextPage<T>(url: string, signal?: AbortSignal): Promise<Page<T>> {
  return api.get(url, { signal });
}

export function readChat(id: string): Promise<Chat> {
  return api.get(chatUrl(id));
}

export function createChat(chat: NewChat): Promise<Chat> {
  return api.post(CHATS, chat);
}

export function changeChat(id: string, change: ChatChange): Promise<Chat> {
  return api.patch(chatUrl(id), change);
}

export function deleteChat(id: string): Promise<void> {
  return api.delete(chatUrl(id));
}

/** Newest first, along the active branch. */
export function listMessages(chatId: string): Promise<Page<Message>> {
  return api.get(`${chatUrl(chatId)}/messages?limit=${HISTORY_PAGE}`);
}

export async function listModels(): Promise<Model[]> {
  const page = await api.get<Page<Model>>(`${CHATS}/models?all=true`);
  return page.results;
}

export function estimate(request: EstimateRequest, signal: AbortSignal): Promise<Estimate> {
  return api.post(`${CHATS}/estimate`, request, { signal });
}

export function stopAnswer(chatId: string, messageId: string): Promise<Message> {
  return api.post(`${messageUrl(chatId, messageId)}/stop`);
}

export function openAnswer(chatId: string, message: NewMessage, signal: AbortSignal): Promise<Response> {
  return postStream(`${chatUrl(chatId)}/messages`, message, signal);
}

export function openRegeneration(
  chatId: string,
  messageId: string,
  model: string | undefined,
  signal: AbortSignal,
): Promise<Response> {
  return postStream(`${messageUrl(chatId, messageId)}/regenerate`, model === undefined ? {} : { model }, signal);
}

export function openContinuation(chatId: string, messageId: string, signal: AbortSignal): Promise<Response> {
  return postStream(`${messageUrl(chatId, messageId)}/continue`, {}, signal);
}

export function resumeAnswer(
  chatId: string,
  messageId: string,
  position: number,
  signal: AbortSignal,
): Promise<Response> {
  return authorizedFetch(`${messageUrl(chatId, messageId)}/stream`, {
    signal,
    headers: { Accept: "text/event-stream", "Last-Event-ID": String(position) },
  });
}

export async function exportChat(id: string, format: "markdown" | "json"): Promise<Response> {
  return authorizedFetch(`${chatUrl(id)}/export?as=${format}`);
}

function postStream(url: string, body: unknown, signal: AbortSignal): Promise<Response> {
  return authorizedFetch(url, {
    method: "POST",
    signal,
    headers: { "Content-Type": "application/json", Accept: "text/event-stream" },
    body: JSON.stringify(body),
  });
}

function chatUrl(id: string): string {
  return `${CHATS}/${encodeURIComponent(id)}`;
}

function messageUrl(chatId: string, messageId: string): string {
  return `${chatUrl(chatId)}/messages/${encodeURIComponent(messageId)}`;
}
