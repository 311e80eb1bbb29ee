import { api } from "@/lib/api";
import type { Page, Schemas } from "@/lib/api";

export type Share = Schemas["Share"];
export type NewShare = Schemas["NewShare"];
export type SharedChat = Schemas["SharedChat"];
export type SharedMessage = Schemas["SharedMessage"];

const OF_CHAT = "/api/chats/{chat_id}/shares";

export function createShare(chatId: string, showsName: boolean): Promise<NewShare> {
  return api.post(OF_CHAT, { path: { chat_id: chatId }, body: { shows_name: showsName } });
}

export function sharesOf(chatId: string, signal: AbortSignal): Promise<Page<Share>> {
  return api.get(OF_CHAT, { path: { chat_id: chatId }, signal });
}

export function allShares(signal: AbortSignal): Promise<Page<Share>> {
  return api.get("/api/chat-shares", { signal });
}

export function revokeShare(id: string): Promise<void> {
  return api.delete("/api/chat-shares/{share_id}", { path: { share_id: id } });
}

export function readShared(token: string, signal: AbortSignal): Promise<SharedChat> {
  return api.get("/api/shared-chats/{token}", { path: { token }, signal });
}
