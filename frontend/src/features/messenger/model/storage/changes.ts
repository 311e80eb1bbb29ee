/**
 * What can happen to the tables. An event and the position it moves the stream to are one change, so that after a crash
 * the two agree; an event another tab has written already is left out, so that no tab takes the disk back in time.
 */
import { conversationIn, conversationStream } from "@/lib/realtime";

import { reduceConversation, reduceMessage } from "../reducer";
import type { ConversationShape, MessageShape, MessengerEvent } from "../shapes";
import type { QueueEntry, ReadMark, StoredDraft, StoredReaction, Transaction } from "./tables";

export type Change =
  | { kind: "event"; stream: string; seq: number; event: MessengerEvent; me: string }
  /** Read by REST. `force`: the server itself went back, so may we. */
  | { kind: "restart"; conversation: ConversationShape; messages: readonly MessageShape[]; force: boolean }
  /** Read by REST for its own sake: the stream's position stays. */
  | { kind: "conversation"; conversation: ConversationShape }
  | { kind: "position"; stream: string; seq: number; force: boolean }
  /** My own list, settings or counts, as the server says they are. */
  | { kind: "own"; id: string; fields: Partial<ConversationShape> }
  /** Of history, as they are at `position` of their stream. */
  | { kind: "messages"; messages: readonly MessageShape[]; position: number }
  /** Not mine any more; `hidden` is still mine, so its stream goes on. */
  | { kind: "forget"; id: string; isHidden: boolean }
  | { kind: "enqueue"; entry: QueueEntry }
  | { kind: "dequeue"; clientId: string }
  | { kind: "draft"; draft: StoredDraft }
  | { kind: "draft-told"; draft: StoredDraft }
  | { kind: "mark"; mark: ReadMark }
  | { kind: "mark-told"; mark: ReadMark }
  | { kind: "reaction"; reaction: StoredReaction }
  | { kind: "reaction-told"; reaction: StoredReaction };

/** Of each conversation the newest messages are kept; trimming waits for this many more. */
export const KEPT_MESSAGES = 200;
const TRIM_SLACK = 50;

export async function applyChange(db: Transaction, change: Change): Promise<void> {
  switch (change.kind) {
    case "event":
      return applyEvent(db, change);
    case "restart":
      return restart(db, change);
    case "conversation":
      return keepConversation(db, change.conversation);
    case "position":
      return setPosition(db, change.stream, change.seq, change.force);
    case "own":
      return setOwn(db, change.id, change.fields);
    case "messages":
      return keepMessages(db, change.messages, change.position);
    case "forget":
      return forget(db, change.id, change.isHidden);
    case "enqueue":
      return db.put("queue", change.entry);
    case "dequeue":
      return db.delete("queue", change.clientId);
    case "draft":
      return db.put("drafts", change.draft);
    case "draft-told":
      return draftTold(db, change.draft);
    case "mark":
      return db.put("marks", change.mark);
    case "mark-told":
      if ((await db.get("marks", change.mark.conversation_id))?.seq === change.mark.seq) {
        await db.delete("marks", change.mark.conversation_id);
      }
      return;
    case "reaction":
      return db.put("reactions", change.reaction);
    case "reaction-told":
      if ((await db.get("reactions", change.reaction.key))?.on === change.reaction.on) {
        await db.delete("reactions", change.reaction.key);
      }
  }
}

async function applyEvent(db: Transaction, change: Extract<Change, { kind: "event" }>): Promise<void> {
  const { stream, seq, event, me } = change;
  // Seen already, or after something that was never written: then the next visit asks from where the disk is.
  if ((await db.get("positions", stream))?.seq !== seq - 1) return;
  await db.put("positions", { stream, seq });
  if (event.type === "conversation.created") return created(db, event.payload.conversation);
  if (event.type === "conversation.deleted") {
    const { conversation_id: id, reason } = event.payload;
    return forget(db, id, reason === "hidden");
  }
  if (!("conversation_id" in event.payload)) return;
  const { conversation_id: id } = event.payload;
  const target = event.type === "message.deleted" ? await db.get("messages", event.payload.message_id) : undefined;
  const stored = await db.get("conversations", id);
  if (stored) {
    const known = { me, seq: conversationIn(stream) === null ? null : seq, target };
    await db.put("conversations", reduceConversation(stored, event, known).conversation);
  }
  await changeMessages(db, event, me);
}

async function changeMessages(db: Transaction, event: MessengerEvent, me: string): Promise<void> {
  switch (event.type) {
    case "message.new": {
      const { payload } = event;
      await db.put("messages", payload);
      if (payload.client_id !== null && payload.sender?.id === me) await db.delete("queue", payload.client_id);
      return trim(db, payload.conversation_id);
    }
    case "message.updated":
      return changeOne(db, event.payload.id, event, true);
    case "message.deleted":
      return changeOne(db, event.payload.message_id, event, true);
    case "reaction.added":
    case "reaction.removed":
      return changeOne(db, event.payload.message_id, event, false);
    case "person.updated":
      for (const before of await db.messagesOf(event.payload.conversation_id)) {
        const after = reduceMessage(before, event);
        if (after !== before) await db.put("messages", after);
      }
      return;
    case "conversation.updated": {
      const cleared = event.payload.cleared_seq ?? 0;
      if (cleared === 0) return;
      for (const message of await db.messagesOf(event.payload.conversation_id)) {
        if (message.seq <= cleared) await db.delete("messages", message.id);
      }
    }
  }
}

async function changeOne(db: Transaction, id: string, event: MessengerEvent, inQuotes: boolean): Promise<void> {
  const message = await db.get("messages", id);
  const affected = [...(message ? [message] : []), ...(inQuotes ? await db.repliesTo(id) : [])];
  for (const before of affected) {
    const after = reduceMessage(before, event);
    if (after !== before) await db.put("messages", after);
  }
}

async function created(db: Transaction, conversation: ConversationShape): Promise<void> {
  await keepConversation(db, conversation);
  await setPosition(db, conversationStream(conversation.id), conversation.last_seq, false);
}

async function restart(db: Transaction, change: Extract<Change, { kind: "restart" }>): Promise<void> {
  const { conversation, messages, force } = change;
  const stream = conversationStream(conversation.id);
  const position = (await db.get("positions", stream))?.seq ?? -1;
  // Another tab was quicker, and is further.
  if (!force && position > conversation.last_seq && (await db.get("conversations", conversation.id))) return;
  for (const message of await db.messagesOf(conversation.id)) await db.delete("messages", message.id);
  for (const message of messages) await db.put("messages", message);
  await db.put("conversations", conversation);
  await db.put("positions", { stream, seq: conversation.last_seq });
}

async function setPosition(db: Transaction, stream: string, seq: number, force: boolean): Promise<void> {
  const before = (await db.get("positions", stream))?.seq ?? -1;
  if (force || before < seq) await db.put("positions", { stream, seq });
}

async function keepConversation(db: Transaction, conversation: ConversationShape): Promise<void> {
  const stored = await db.get("conversations", conversation.id);
  if (!stored || stored.last_seq <= conversation.last_seq) await db.put("conversations", conversation);
}

/** Another tab may have read further. */
async function setOwn(db: Transaction, id: string, fields: Partial<ConversationShape>): Promise<void> {
  const stored = await db.get("conversations", id);
  if (!stored || (fields.read_seq ?? stored.read_seq) < stored.read_seq) return;
  await db.put("conversations", { ...stored, ...fields });
}

async function keepMessages(db: Transaction, messages: readonly MessageShape[], position: number): Promise<void> {
  const [first] = messages;
  if (first === undefined) return;
  // Another tab wrote an event that these do not show yet, and it will not be written again.
  const stored = await db.get("positions", conversationStream(first.conversation_id));
  if (stored && stored.seq > position) return;
  for (const message of messages) await db.put("messages", message);
  await trim(db, first.conversation_id);
}

/** The oldest go, so that what is left has no hole between it and the present. */
async function trim(db: Transaction, conversationId: string): Promise<void> {
  if ((await db.countMessages(conversationId)) <= KEPT_MESSAGES + TRIM_SLACK) return;
  const messages = await db.messagesOf(conversationId);
  for (const message of messages.slice(0, -KEPT_MESSAGES)) await db.delete("messages", message.id);
}

async function forget(db: Transaction, id: string, isHidden: boolean): Promise<void> {
  for (const message of await db.messagesOf(id)) await db.delete("messages", message.id);
  await db.delete("conversations", id);
  if (isHidden) return;
  await db.delete("positions", conversationStream(id));
  await db.delete("drafts", id);
  await db.delete("marks", id);
}

/** A draft that was changed since is still to be told. */
async function draftTold(db: Transaction, told: StoredDraft): Promise<void> {
  const stored = await db.get("drafts", told.conversation_id);
  if (stored?.content !== told.content || stored.reply_to_id !== told.reply_to_id) return;
  if (told.content === "") await db.delete("drafts", told.conversation_id);
  else await db.put("drafts", { ...told, is_dirty: false });
}
