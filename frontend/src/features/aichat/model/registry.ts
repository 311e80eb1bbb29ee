/**
 * The conversations this tab holds. One that was left keeps its text and its running answer, so coming back shows it at
 * once; the oldest are let go.
 */
import { effect, signal } from "@preact/signals";

import { session } from "@/lib/api";
import { navigate, path } from "@/lib/router";

import type { Chat } from "../shapes";
import { deleteChat, readChat } from "./api";
import { chatPath } from "./chatPath";
import { clearChats, receiveChat, removeChat } from "./chats";
import { Conversation, type ConversationEvents } from "./conversation";
import { dropChat } from "./offline";
import { refreshUsage } from "./usage";

const KEPT = 8;
/** The server makes a title from the first exchange shortly after it ends. */
const TITLE_WAITS_MS = [800, 3000, 8000];

const open = new Map<string, Conversation>();
/** The conversation without a chat yet: what `/app/chat` shows. */
const fresh = signal<Conversation | null>(null);

const events: ConversationEvents = {
  onCreated(conversation, chat) {
    remember(chat.id, conversation);
    if (!chat.temporary) receiveChat(chat);
    if (fresh.value !== conversation) return;
    // Where the person is now looking at it, the address follows; the page stays as it is.
    if (path.value === "/app/chat") navigate(chatPath(chat.id), { replace: true });
    fresh.value = null;
  },
  onChat: (chat) => {
    if (!chat.temporary) receiveChat(chat);
  },
  onAnswered(conversation) {
    void refreshUsage();
    void awaitTitle(conversation);
  },
};

/** The conversation of a chat, or the one that is about to become a chat. */
export function conversationFor(id: string | undefined): Conversation {
  if (id === undefined) return (fresh.value ??= new Conversation(events));
  const known = open.get(id);
  if (known !== undefined) return known;
  const conversation = new Conversation(events);
  remember(id, conversation);
  void conversation.load(id);
  return conversation;
}

/** A chat was changed in the list; its open conversation shows it too. */
export function showChanged(chat: Chat): void {
  const conversation = open.get(chat.id);
  // One that is still loading reads the change itself.
  if (conversation?.state.value === "ready") conversation.chat.value = chat;
}

/** The conversation of a chat, if this tab holds it and knows what is in it. */
export function openedConversation(id: string): Conversation | undefined {
  const conversation = open.get(id);
  return conversation?.state.value === "ready" ? conversation : undefined;
}

export function openedConversations(): Conversation[] {
  return [...open.values()].filter((conversation) => conversation.state.value === "ready");
}

/** Rejects with the server's refusal; then nothing has changed. */
export async function deleteEverywhere(id: string): Promise<void> {
  await deleteChat(id);
  forgetDeleted(id);
}

/** A chat was deleted, here or elsewhere. Answers whether it was what is looked at. */
export function forgetDeleted(id: string): boolean {
  forget(id);
  removeChat(id);
  dropChat(id);
  if (path.peek() !== chatPath(id)) return false;
  navigate("/app/chat", { replace: true });
  return true;
}

/** Let go of a chat. */
export function forget(id: string): void {
  open.get(id)?.detach();
  open.delete(id);
}

export function startFresh(temporary: boolean): void {
  const conversation = new Conversation(events);
  if (temporary) conversation.plans.value = { temporary };
  fresh.value = conversation;
}

function remember(id: string, conversation: Conversation): void {
  open.set(id, conversation);
  for (const [oldest] of open) {
    if (open.size <= KEPT) break;
    forget(oldest);
  }
}

async function awaitTitle(conversation: Conversation): Promise<void> {
  const before = conversation.chat.value;
  if (before === null) return;
  for (const wait of before.title === "" ? TITLE_WAITS_MS : TITLE_WAITS_MS.slice(0, 1)) {
    await new Promise((resolve) => setTimeout(resolve, wait));
    if (open.get(before.id) !== conversation) return;
    const chat = await readChat(before.id).catch(() => null);
    if (chat === null) return;
    conversation.receiveChat(chat);
    if (chat.title !== "") return;
  }
}

// The next person at this screen must find nothing of the last one.
effect(() => {
  if (session.value.status !== "guest") return;
  for (const id of [...open.keys()]) forget(id);
  fresh.value = null;
  clearChats();
});
