/** What this browser keeps of the messenger, for one user. */
import type { ConversationShape, MessageShape, MessageType, ReplyTo } from "../shapes";

export interface QueuedFile {
  blob: Blob;
  name: string;
  /** Of a picture or film, in pixels; missing when this browser cannot tell. */
  size?: { width: number; height: number } | null;
}

export interface StoredPosition {
  stream: string;
  seq: number;
}

/** A message that waits to be sent. */
export interface QueueEntry {
  client_id: string;
  conversation_id: string;
  /** Milliseconds since the epoch, made strictly growing: the order of sending within a conversation. */
  order: number;
  content: string;
  /** A guess until the server says; `is_declared` when it was asked for. */
  message_type: MessageType;
  is_declared: boolean;
  reply_to: ReplyTo | null;
  /** Missing in what an earlier release put here. */
  album_id?: string | null;
  story_id?: string | null;
  /** The file itself, until the server has the message. */
  file: QueuedFile | null;
  /** A resumable upload that was begun. */
  upload_id: string | null;
  /** The file as the server has it. */
  media_id: string | null;
  /** Null: waits for its turn. */
  failure: { sentence: string; retryable: boolean; code: string } | null;
}

export interface StoredDraft {
  conversation_id: string;
  content: string;
  reply_to_id: string | null;
  /** The server has not been told yet. */
  is_dirty: boolean;
}

/** How far somebody has read, which the server has not been told yet. */
export interface ReadMark {
  conversation_id: string;
  seq: number;
  message_id: string;
}

/** An emoji of mine that is to be put or taken away, which the server has not been told yet. */
export interface StoredReaction {
  /** Of the message and the emoji. */
  key: string;
  message_id: string;
  emoji: string;
  on: boolean;
}

export interface Tables {
  conversations: ConversationShape;
  messages: MessageShape;
  positions: StoredPosition;
  queue: QueueEntry;
  drafts: StoredDraft;
  marks: ReadMark;
  reactions: StoredReaction;
}

export type TableName = keyof Tables;

/** The key of each table's rows. */
export const KEYS = {
  conversations: "id",
  messages: "id",
  positions: "stream",
  queue: "client_id",
  drafts: "conversation_id",
  marks: "conversation_id",
  reactions: "key",
} as const satisfies { [T in TableName]: keyof Tables[T] };

export const TABLES = Object.keys(KEYS) as TableName[];

/** One transaction: all of it happens, or nothing. */
export interface Transaction {
  get<T extends TableName>(table: T, key: string): Promise<Tables[T] | undefined>;
  put<T extends TableName>(table: T, row: Tables[T]): Promise<void>;
  delete(table: TableName, key: string): Promise<void>;
  clear(table: TableName): Promise<void>;
  /** Ascending by seq. */
  messagesOf(conversationId: string): Promise<MessageShape[]>;
  countMessages(conversationId: string): Promise<number>;
  /** Messages that answer this one. */
  repliesTo(messageId: string): Promise<MessageShape[]>;
}

export interface Database {
  /** Whether what is written is still there after a reload. */
  readonly isLasting: boolean;
  all<T extends TableName>(table: T): Promise<Tables[T][]>;
  recentMessages(conversationId: string): Promise<MessageShape[]>;
  transact(work: (transaction: Transaction) => Promise<void>): Promise<void>;
  close(): void;
}
