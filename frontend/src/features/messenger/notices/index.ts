/**
 * What an open tab tells of messages: by the rules of the server and a moment as late, so that what is being read is not
 * told; in one tab of the browser. Where push reaches this browser its worker shows them, and the tab makes the sound.
 */
import { effect, untracked } from "@preact/signals";

import { api, currentUser } from "@/lib/api";
import { isLeader } from "@/lib/leader";
import { deviceId, show, takeAway, wishes } from "@/lib/notices";
import { isQuiet } from "@/lib/quiet";
import type { QuietHours } from "@/lib/quiet";
import { subscribe } from "@/lib/realtime";
import { serverTime } from "@/lib/serverClock";
import { playSound } from "@/lib/sound";

import { messenger } from "../model";
import type { ConversationShape, MessageShape } from "../model";
import { summary } from "../parts/lines";
import { wants } from "./rules";
import { t } from "./words";

const PATIENCE_MS = 1_500;
/** What was said earlier, while this tab was cut off, is old news. */
const LONGEST_MS = 600_000;

/** Of each conversation the newest message that waits to be told. */
const waiting = new Map<string, MessageShape>();

export function startNotices(): void {
  subscribe("message.new", (frame) => arrived(frame.payload as MessageShape));
  effect(() => clearRead());
}

function arrived(message: MessageShape): void {
  const me = currentUser.peek()?.id;
  const { conversation_id: id, sender, message_type: type, created_at: at } = message;
  if (me === undefined || sender === null || sender.id === me || type === "system") return;
  if (message.agent?.state === "writing" || serverTime() - Date.parse(at) > LONGEST_MS) return;
  const shape = messenger().conversation(id).conversation.peek();
  if (shape !== null && !wants(shape, message, me)) return;
  const isFirst = !waiting.has(id);
  waiting.set(id, message);
  if (isFirst) setTimeout(() => void tell(id).catch(() => undefined), PATIENCE_MS);
}

async function tell(id: string): Promise<void> {
  const message = waiting.get(id);
  waiting.delete(id);
  const user = currentUser.peek();
  if (message === undefined || user === null || !isLeader.peek() || !wishes.peek().isOn) return;
  const shape = messenger().conversation(id).conversation.peek();
  if (shape === null || shape.read_seq >= message.seq || !wants(shape, message, user.id)) return;
  if (isQuiet(await quietHours(), user.time_zone, new Date())) return;
  if (document.hasFocus()) {
    if (wishes.peek().hasSound) playSound();
  } else if (deviceId.peek() === null) await show(noticeOf(shape, message));
}

function noticeOf(shape: ConversationShape, message: MessageShape) {
  const name = message.sender?.name ?? "";
  const said = summary(message, currentUser.peek()?.id ?? null);
  const isGroup = shape.type === "group";
  const text = wishes.peek().showsText
    ? { title: isGroup ? shape.name : name, body: isGroup ? `${name}: ${said}` : said }
    : { title: t("newMessage"), body: "" };
  return { ...text, tag: tagOf(shape.id), url: `/app/messages/${shape.id}` };
}

let lastUnread: ReadonlySet<string> | null = null;

/** What was read, here or on another device, is not left standing. With the first look that is all that is not unread. */
function clearRead(): void {
  if (currentUser.value === null) return;
  const { rows, archivedRows } = untracked(messenger);
  if (rows.value === null) return;
  const all = [...rows.value, ...archivedRows.value].map(({ conversation }) => conversation);
  const unread = new Set(all.filter((shape) => shape.unread_count > 0).map(({ id }) => id));
  const before = lastUnread ?? new Set(all.map(({ id }) => id));
  lastUnread = unread;
  for (const id of before) if (!unread.has(id)) void takeAway(tagOf(id));
}

function quietHours(): Promise<QuietHours> {
  return api.get("/api/push/preferences");
}

function tagOf(conversationId: string): string {
  return `c:${conversationId}`;
}
