/** What the screens see of the model. Signals are read with `.value` inside components. */
import type { ReadonlySignal } from "@preact/signals";

import type { ConversationShape, MessageShape, Settings, StoryGroup } from "./shapes";

/** What the tick shows. */
export type Delivery =
  /** In the queue, with or without a network. */
  | { state: "sending" }
  /** The server has it. */
  | { state: "sent" }
  /** Direct: the other one was online since. Groups know no such thing. */
  | { state: "delivered" }
  /** Direct: the other has read it; group: at least one has. */
  | { state: "read" }
  | { state: "failed"; sentence: string; retryable: boolean };

/** A message as the timeline shows it: confirmed, or still in the queue (`seq` null, `id` "local:" and the client id). */
export interface ShownMessage extends Omit<MessageShape, "seq"> {
  seq: number | null;
  /** Stays the same through confirmation, so that a row is not drawn anew. */
  key: string;
  /** Null: not mine. */
  delivery: Delivery | null;
  /** Bytes of its file, until the server has it; `loaded` is null while it waits for its turn or for a connection. */
  upload: { loaded: number | null; total: number } | null;
  /** Where its file can be shown from before the server has it. */
  localUrl: string | null;
}

export interface NewDraft {
  content: string;
  replyTo?: ShownMessage | null;
  file?: File | null;
  /** A recording made here; other files say by their type what they are. */
  messageType?: "audio";
  /** The same for pictures and films that are sent together. */
  albumId?: string | null;
  /** A story of the other one's that this answers. */
  storyId?: string | null;
}

/** `date` is a day of the reader's own calendar, such as `2026-01-31`. */
export type JumpTarget = { seq: number } | { date: string } | "unread" | "newest";

/** One conversation; the same object as long as the page lives. */
export interface ConversationView {
  id: string;
  /** Null while loading, or when it is no longer mine (see `gone`). */
  conversation: ReadonlySignal<ConversationShape | null>;
  gone: ReadonlySignal<null | "deleted" | "removed" | "left" | "not_found">;
  /** The loaded window, ascending; queued ones at the end. */
  messages: ReadonlySignal<readonly ShownMessage[]>;
  hasOlder: ReadonlySignal<boolean>;
  /** After a jump into the past. */
  hasNewer: ReadonlySignal<boolean>;
  loading: ReadonlySignal<boolean>;
  /** A sentence: history cannot be loaded; `retry()` tries again. */
  trouble: ReadonlySignal<string | null>;
  /** Names of the others who are writing. */
  typing: ReadonlySignal<readonly string[]>;
  /** Fixed when the conversation is opened, for the "unread" line. */
  firstUnreadSeq: ReadonlySignal<number | null>;
  /** Direct: the other one. */
  online: ReadonlySignal<boolean>;
  lastSeen: ReadonlySignal<string | null>;
  /** Begin to follow (loads history, unread position); answers the end of it. */
  open(): () => void;
  loadOlder(): Promise<void>;
  loadNewer(): Promise<void>;
  retry(): Promise<void>;
  /** Load a window around; answers the seq to scroll to, null when there is none. */
  jumpTo(target: JumpTarget): Promise<number | null>;
  /** Shown at once, sent when possible, survives a reload. */
  send(draft: NewDraft): void;
  /** The key of what was sent last from this page: shown to its author, wherever they were reading. */
  lastSent: ReadonlySignal<string | null>;
  resend(key: string): void;
  discard(key: string): void;
  /** These reject with `ApiError`. */
  edit(id: string, content: string): Promise<void>;
  remove(id: string): Promise<void>;
  pin(id: string, on: boolean): Promise<void>;
  forward(id: string, conversationIds: string[]): Promise<void>;
  /** Toggles mine, at once, also without a network; rejects with `ApiError` when the server does not want it. */
  react(id: string, emoji: string): Promise<void>;
  /** Coalesced; never backwards. */
  markRead(seq: number): void;
  setTyping(isTyping: boolean): void;
  draft: ReadonlySignal<{ content: string; replyToId: string | null }>;
  /** Kept here at once, on the server a little later. */
  setDraft(content: string, replyToId: string | null): void;
}

export interface ConversationRow {
  id: string;
  conversation: ConversationShape;
  lastMessage: ShownMessage | null;
  typing: readonly string[];
  online: boolean;
  /** Something of it waits in the queue. */
  sending: boolean;
}

export type Connection =
  | { state: "connecting" | "catching-up" | "live" }
  /** `retryAt` in milliseconds since the epoch; null: at the next focus, or when the network is back. */
  | { state: "offline"; retryAt: number | null }
  | { state: "ended"; sentence: string };

export interface Presence {
  online: boolean;
  lastSeen: string | null;
}

export interface Messenger {
  connection: ReadonlySignal<Connection>;
  connectNow(): void;
  /** Null: loading. Pinned first, then newest; archived left out. */
  rows: ReadonlySignal<readonly ConversationRow[] | null>;
  archivedRows: ReadonlySignal<readonly ConversationRow[]>;
  listTrouble: ReadonlySignal<string | null>;
  /** Something that waits to be sent is in this page only (no room on the disk, a private window). */
  isUnkept: ReadonlySignal<boolean>;
  /** For the navigation's badge and the title; muted left out. */
  unread: ReadonlySignal<number>;
  conversation(id: string): ConversationView;
  /** Answers the conversation's id. */
  createDirect(userId: string): Promise<string>;
  createGroup(name: string, userIds: string[], avatarId?: string): Promise<string>;
  setSettings(id: string, settings: Partial<Settings>): Promise<void>;
  deleteConversation(id: string): Promise<void>;
  leave(id: string): Promise<void>;
  presence(userId: string): ReadonlySignal<Presence | null>;
  /** Asks for links in batches and keeps them until they expire. */
  mediaUrl(mediaId: string, kind?: "full" | "thumbnail"): ReadonlySignal<string | null>;
  stories: ReadonlySignal<readonly StoryGroup[] | null>;
  refreshStories(): Promise<void>;
  viewStory(id: string): void;
}
