/**
 * What each event does to a conversation and to its messages: pure, so that the screen and the disk, which apply the
 * same events each to its own copy, come to the same end. Applying an event to a state that already knows of it (because
 * the state was read later than the event was written) changes nothing.
 */
import { limit } from "@/lib/config";

import { newest } from "./growing";
import { quotation } from "./quotation";
import { renamedIn, renamedInMessage } from "./renamed";
import type { ConversationChange, ConversationShape, Events, MessageShape, MessengerEvent } from "./shapes";

export interface Outcome {
  conversation: ConversationShape;
  /** Counts of unread messages, or how far others have read, cannot be known from here: ask the server. */
  isUncertain: boolean;
}

export interface Known {
  /** Whose eyes these are. */
  me: string;
  /** Position in the conversation's own stream; null for events of my stream. */
  seq: number | null;
  /** The message that is deleted, when we have it, as it was before. */
  target?: MessageShape | undefined;
}

export function reduceConversation(before: ConversationShape, event: MessengerEvent, known: Known): Outcome {
  const { last_message: last } = before;
  if (known.seq !== null && known.seq <= before.last_seq) return sure(before);
  const moved: ConversationShape = {
    ...before,
    last_seq: Math.max(before.last_seq, known.seq ?? 0),
    last_message: last && reduceMessage(last, event),
  };
  switch (event.type) {
    case "message.new":
      return sure(withNew(moved, event.payload, known.me));
    case "message.updated":
      return withFinished(withPin(moved, event.payload), event.payload, known.me);
    case "message.deleted":
      return withDeleted(moved, event.payload, known);
    case "message.read":
      return withRead(moved, event.payload, known.me);
    case "conversation.updated":
      return withBlock(withChange(moved, event.payload), event.payload, known.me);
    case "participant.added":
      return sure(withMembers(moved, event.payload));
    case "participant.removed":
      return sure({
        ...moved,
        participants: moved.participants.filter(({ user }) => user.id !== event.payload.user_id),
        participant_count: event.payload.participant_count,
      });
    case "participant.updated":
      return sure(withRole(moved, event.payload, known.me));
    case "person.updated":
      return sure(renamedIn(moved, event.payload.user, known.me));
    default:
      return sure(moved);
  }
}

/** A message after an event; the very same object when the event is not about it. */
export function reduceMessage(message: MessageShape, event: MessengerEvent): MessageShape {
  switch (event.type) {
    case "message.new":
    case "message.updated":
      return message.id === event.payload.id ? newest(message, event.payload) : withEditedQuote(message, event.payload);
    case "message.deleted":
      return withoutDeleted(message, event.payload.message_id);
    case "reaction.added":
    case "reaction.removed":
      return message.id === event.payload.message_id ? withReaction(message, event) : message;
    case "person.updated":
      return renamedInMessage(message, event.payload.user);
    default:
      return message;
  }
}

/** Whether a message counts as unread for `me`. */
export function isUnread(message: MessageShape, conversation: ConversationShape, me: string): boolean {
  const seen = Math.max(conversation.read_seq, conversation.cleared_seq);
  return message.seq > seen && !message.is_deleted && message.message_type !== "system" && message.sender?.id !== me;
}

/** Whether a message names `me`: by my id, or by the conversation's own, which stands for everybody. */
export function names(message: Pick<MessageShape, "mentions" | "conversation_id">, me: string): boolean {
  return message.mentions.includes(me) || message.mentions.includes(message.conversation_id);
}

/** My own reading, as far as what is loaded can tell. */
export function readUpTo(before: ConversationShape, seq: number): Outcome {
  if (seq <= before.read_seq) return sure(before);
  const after = { ...before, read_seq: seq };
  if (seq >= (before.last_message?.seq ?? 0)) return sure({ ...after, unread_count: 0, mention_count: 0 });
  return { conversation: after, isUncertain: true };
}

function sure(conversation: ConversationShape): Outcome {
  return { conversation, isUncertain: false };
}

function withNew(before: ConversationShape, message: MessageShape, me: string): ConversationShape {
  const isNewest = message.seq >= (before.last_message?.seq ?? 0);
  const after = {
    ...before,
    updated_at: isNewest ? message.created_at : before.updated_at,
    last_message: isNewest ? message : before.last_message,
    participants: withWriter(before.participants, message),
  };
  if (message.sender?.id === me) {
    return { ...after, read_seq: Math.max(before.read_seq, message.seq), unread_count: 0, mention_count: 0 };
  }
  if (!isUnread(message, before, me)) return after;
  const mentions = names(message, me) ? 1 : 0;
  return { ...after, unread_count: before.unread_count + 1, mention_count: before.mention_count + mentions };
}

/** Who writes has read what stands above. */
function withWriter(members: ConversationShape["participants"], message: MessageShape): ConversationShape["participants"] {
  return members.map((member) =>
    member.user.id === message.sender?.id && member.read_seq < message.seq
      ? { ...member, read_seq: message.seq, last_read_at: message.created_at }
      : member,
  );
}

function withPin(before: ConversationShape, message: MessageShape): ConversationShape {
  const isListed = before.pinned_message_ids.includes(message.id);
  if (isListed === message.is_pinned) return before;
  const others = before.pinned_message_ids.filter((id) => id !== message.id);
  return { ...before, pinned_message_ids: message.is_pinned ? [message.id, ...others] : others };
}

/** Whom an agent's message names is known when it is whole; whether it was counted then is not known here. */
function withFinished(after: ConversationShape, message: MessageShape, me: string): Outcome {
  const mayCount = message.agent !== null && names(message, me) && isUnread(message, after, me);
  return { conversation: after, isUncertain: mayCount };
}

function withDeleted(before: ConversationShape, event: Events["message.deleted"], { me, target }: Known): Outcome {
  const after = {
    ...before,
    pinned_message_ids: before.pinned_message_ids.filter((id) => id !== event.message_id),
  };
  const mayBeUnread = event.message_seq > Math.max(before.read_seq, before.cleared_seq) && before.unread_count > 0;
  if (!mayBeUnread) return sure(after);
  if (target === undefined) return { conversation: after, isUncertain: true };
  if (!isUnread(target, before, me)) return sure(after);
  const mentions = names(target, me) ? 1 : 0;
  return sure({
    ...after,
    unread_count: before.unread_count - 1,
    mention_count: Math.max(0, before.mention_count - mentions),
  });
}

function withRead(before: ConversationShape, event: Events["message.read"], me: string): Outcome {
  if (before.is_blocked && event.user_id !== me) return sure(before);
  const participants = before.participants.map((member) =>
    member.user.id === event.user_id && member.read_seq < event.read_seq
      ? { ...member, read_seq: event.read_seq, last_read_at: event.last_read_at }
      : member,
  );
  const after = { ...before, participants };
  return event.user_id === me ? readUpTo(after, event.read_seq) : sure(after);
}

function withChange(before: ConversationShape, change: ConversationChange): Outcome {
  const { draft } = change;
  const after: ConversationShape = {
    ...before,
    name: change.name ?? before.name,
    avatar_url: change.avatar_url ?? before.avatar_url,
    is_pinned: change.is_pinned ?? before.is_pinned,
    is_muted: change.is_muted ?? before.is_muted,
    notify: change.notify ?? before.notify,
    is_archived: change.is_archived ?? before.is_archived,
    is_blocked: change.is_blocked ?? before.is_blocked,
    draft: draft ? (draft.content === "" ? null : draft) : before.draft,
  };
  const cleared = change.cleared_seq ?? before.cleared_seq;
  return cleared > before.cleared_seq ? withCleared(after, cleared) : sure(after);
}

/** Between blocked people nobody sees when the other was here; what each had read is the server's to tell again. */
function withBlock(outcome: Outcome, { is_blocked }: ConversationChange, me: string): Outcome {
  if (typeof is_blocked !== "boolean") return outcome;
  if (!is_blocked) return { ...outcome, isUncertain: true };
  const participants = outcome.conversation.participants.map((member) =>
    member.user.id === me ? member : { ...member, read_seq: 0, last_read_at: null },
  );
  return { ...outcome, conversation: { ...outcome.conversation, participants } };
}

function withCleared(before: ConversationShape, cleared: number): Outcome {
  const after = { ...before, cleared_seq: cleared };
  if ((before.last_message?.seq ?? 0) > cleared) return { conversation: after, isUncertain: before.unread_count > 0 };
  return sure({ ...after, last_message: null, unread_count: 0, mention_count: 0 });
}

function withMembers(before: ConversationShape, event: Events["participant.added"]): ConversationShape {
  const added = new Set(event.participants.map(({ user }) => user.id));
  const others = before.participants.filter(({ user }) => !added.has(user.id));
  return {
    ...before,
    participants: [...others, ...event.participants].slice(0, limit("shown_group_members")),
    participant_count: event.participant_count,
  };
}

function withRole(before: ConversationShape, event: Events["participant.updated"], me: string): ConversationShape {
  const participants = before.participants.map((member) =>
    member.user.id === event.user_id ? { ...member, role: event.role } : member,
  );
  return { ...before, participants, role: event.user_id === me ? event.role : before.role };
}

function withEditedQuote(message: MessageShape, original: MessageShape): MessageShape {
  const { reply_to: quote } = message;
  if (quote?.id !== original.id) return message;
  const content = quotation(original.content);
  if (quote.content === content && quote.is_deleted === original.is_deleted) return message;
  return { ...message, reply_to: { ...quote, content, is_deleted: original.is_deleted } };
}

function withoutDeleted(message: MessageShape, id: string): MessageShape {
  if (message.reply_to?.id === id) {
    return { ...message, reply_to: { ...message.reply_to, content: "", is_deleted: true } };
  }
  if (message.id !== id) return message;
  return {
    ...message,
    content: "",
    media: null,
    mentions: [],
    reactions: [],
    link_preview: null,
    agent: null,
    is_pinned: false,
    is_deleted: true,
  };
}

type Reaction = Extract<MessengerEvent, { type: "reaction.added" | "reaction.removed" }>;

function withReaction(message: MessageShape, { type, payload }: Reaction): MessageShape {
  return { ...message, reactions: react(message.reactions, payload.emoji, payload.user_id, type === "reaction.added") };
}

/** Put or take away one person's emoji; putting it twice is putting it once. */
export function react(
  before: MessageShape["reactions"],
  emoji: string,
  userId: string,
  on: boolean,
): MessageShape["reactions"] {
  const known = before.find((reaction) => reaction.emoji === emoji);
  if (on === (known?.user_ids.includes(userId) ?? false)) return before;
  if (known === undefined) return [...before, { emoji, user_ids: [userId] }];
  const user_ids = on ? [...known.user_ids, userId] : known.user_ids.filter((id) => id !== userId);
  if (user_ids.length === 0) return before.filter((reaction) => reaction !== known);
  return before.map((reaction) => (reaction === known ? { emoji, user_ids } : reaction));
}
