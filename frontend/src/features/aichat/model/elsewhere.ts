/** What the person does in other tabs and on other devices is shown here as well. */
import { effect } from "@preact/signals";

import { ApiError } from "@/lib/api";
import { currentSocket, subscribe } from "@/lib/realtime";
import type { Frame } from "@/lib/realtime";
import type { AnswerEnded, ChatUpdated } from "@/lib/realtime/events.gen";
import { toast } from "@/ui";

import { t } from "../words";
import { readChat } from "./api";
import { receiveChat, refreshChats } from "./chats";
import { forgetDeleted, openedConversation, openedConversations } from "./registry";
import { refreshUsage } from "./usage";

/** An answer begins with several events at once; the chat is read once for them. */
const TOGETHER_MS = 60;

const waiting = new Map<string, ReturnType<typeof setTimeout>>();
let started = false;

export function startFollowing(): void {
  if (started) return;
  started = true;
  for (const type of ["chat.created", "chat.updated", "answer.started"] as const) {
    subscribe(type, (frame) => lookSoon(chatOf(frame)));
  }
  subscribe("answer.ended", (frame) => {
    const { message_id } = frame.payload as AnswerEnded;
    const conversation = openedConversation(chatOf(frame));
    // Whoever followed it to its end here has asked already.
    if (conversation?.leaf?.id !== message_id) void refreshUsage();
    lookSoon(chatOf(frame));
  });
  subscribe("chats.imported", () => void refreshChats());
  subscribe("chat.deleted", (frame) => {
    if (forgetDeleted(chatOf(frame))) toast(t("deleted"));
  });
  effect(() => {
    // Events of a month are caught up on one by one; what was before them, and before the socket, is read.
    if (currentSocket.value?.state.value.state === "live") void lookAtAll();
  });
}

function chatOf(frame: Frame): string {
  return (frame.payload as ChatUpdated).chat_id;
}

function lookSoon(id: string): void {
  if (waiting.has(id)) return;
  const look = () => {
    waiting.delete(id);
    void lookAt(id);
  };
  waiting.set(id, setTimeout(look, TOGETHER_MS));
}

async function lookAt(id: string): Promise<void> {
  try {
    const conversation = openedConversation(id);
    if (conversation !== undefined) {
      await conversation.catchUp();
      return;
    }
    const chat = await readChat(id);
    if (!chat.temporary) receiveChat(chat);
  } catch (error) {
    // Of anything else the next event, or the next connection, makes up.
    if (error instanceof ApiError && error.status === 404) forgetDeleted(id);
  }
}

async function lookAtAll(): Promise<void> {
  await refreshChats();
  for (const { id } of openedConversations()) if (id !== null) lookSoon(id);
}
