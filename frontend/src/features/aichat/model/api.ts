/** The aichat endpoints this client calls, one function each. */
import { api } from "@/lib/api";
import type { Page, UploadedFile } from "@/lib/api";

import type {
  Chat,
  ChatChange,
  Continuation,
  Encoding,
  Estimate,
  EstimateRequest,
  Message,
  Model,
  NewChat,
  NewMessage,
  Regeneration,
} from "../shapes";

const CHAT = "/api/chats/{chat_id}";
const MESSAGE = `${CHAT}/messages/{message_id}`;
const HISTORY_PAGE = 30;
const STREAM = { Accept: "text/event-stream" };

export interface ChatFilter {
  search: string;
  archived: boolean;
}

export function listChats(filter: ChatFilter, signal: AbortSignal): Promise<Page<Chat>> {
  return api.get("/api/chats", { query: filter, signal });
}

export function readChat(id: string): Promise<Chat> {
  return api.get(CHAT, { path: { chat_id: id } });
}

export function createChat(chat: NewChat): Promise<Chat> {
  return api.post("/api/chats", { body: chat });
}

export function changeChat(id: string, change: ChatChange): Promise<Chat> {
  return api.patch(CHAT, { path: { chat_id: id }, body: change });
}

export function deleteChat(id: string): Promise<void> {
  return api.delete(CHAT, { path: { chat_id: id } });
}

/** Newest first, along the active branch. */
export function listMessages(chatId: string): Promise<Page<Message>> {
  return api.get(`${CHAT}/messages`, { path: { chat_id: chatId }, query: { limit: HISTORY_PAGE } });
}

export async function listModels(): Promise<Model[]> {
  return (await api.get("/api/chats/models", { query: { all: true } })).results;
}

export function estimate(request: EstimateRequest, signal: AbortSignal): Promise<Estimate> {
  return api.post("/api/chats/estimate", { body: request, signal });
}

export function stopAnswer(chatId: string, messageId: string): Promise<Message> {
  return api.post(`${MESSAGE}/stop`, { path: placeOf(chatId, messageId) });
}

/** An answer that took long is before the person's eyes. */
export function markSeen(chatId: string, messageId: string): Promise<void> {
  return api.post(`${MESSAGE}/seen`, { path: placeOf(chatId, messageId) });
}

export function openAnswer(chatId: string, message: NewMessage, signal: AbortSignal): Promise<Response> {
  return api.fetch("post", `${CHAT}/messages`, { path: { chat_id: chatId }, body: message, headers: STREAM, signal });
}

export function openRegeneration(
  chatId: string,
  messageId: string,
  body: Regeneration,
  signal: AbortSignal,
): Promise<Response> {
  return api.fetch("post", `${MESSAGE}/regenerate`, { path: placeOf(chatId, messageId), body, headers: STREAM, signal });
}

export function openContinuation(
  chatId: string,
  messageId: string,
  body: Continuation,
  signal: AbortSignal,
): Promise<Response> {
  return api.fetch("post", `${MESSAGE}/continue`, { path: placeOf(chatId, messageId), body, headers: STREAM, signal });
}

export function resumeAnswer(
  chatId: string,
  messageId: string,
  position: number,
  signal: AbortSignal,
): Promise<Response> {
  const headers = { ...STREAM, "Last-Event-ID": String(position) };
  return api.fetch("get", `${MESSAGE}/stream`, { path: placeOf(chatId, messageId), headers, signal });
}

export async function exportChat(id: string, format: "markdown" | "json"): Promise<Response> {
  return api.fetch("get", `${CHAT}/export`, { path: { chat_id: id }, query: { as: format } });
}

export function changeEncoding(fileId: string, encoding: Encoding): Promise<UploadedFile> {
  return api.patch("/api/files/{file_id}", { path: { file_id: fileId }, body: { encoding } });
}

function placeOf(chatId: string, messageId: string): { chat_id: string; message_id: string } {
  return { chat_id: chatId, message_id: messageId };
}
