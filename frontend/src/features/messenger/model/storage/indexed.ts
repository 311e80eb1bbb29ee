/** The tables in IndexedDB, one database per user. */
import { openDB } from "idb";
import type { DBSchema, IDBPDatabase, IDBPTransaction } from "idb";

import { DATABASE_PREFIX } from "../../deleteOnSignOut";
import type { MessageShape } from "../shapes";
import { KEYS, TABLES } from "./tables";
import type { Database, QueueEntry, ReadMark, StoredDraft, StoredPosition, StoredReaction, TableName, Tables, Transaction } from "./tables";

type Conversation = Tables["conversations"];

interface Schema extends DBSchema {
  conversations: { key: string; value: Conversation };
  messages: { key: string; value: MessageShape; indexes: { place: [string, number]; quote: string } };
  positions: { key: string; value: StoredPosition };
  queue: { key: string; value: QueueEntry };
  drafts: { key: string; value: StoredDraft };
  marks: { key: string; value: ReadMark };
  reactions: { key: string; value: StoredReaction };
}

type Opened = IDBPTransaction<Schema, TableName[], "readwrite">;

/**
 * Raise it with every change of the tables, and add a step to `upgrade`. What cannot be carried over may be dropped: without
 * positions the server sends everything anew. The queue, the drafts and the marks exist nowhere else and must be kept.
 */
const VERSION = 2;

export class IndexedDatabase implements Database {
  readonly isLasting = true;

  private constructor(private readonly db: IDBPDatabase<Schema>) {}

  /** Rejects where there is no IndexedDB, or it may not be used. */
  static async open(userId: string): Promise<IndexedDatabase> {
    const db = await openDB<Schema>(DATABASE_PREFIX + userId, VERSION, {
      upgrade,
      // A newer release in another tab wants to upgrade; this tab goes on in memory, as long as it lives.
      blocking: (_current, _wanted, event) => (event.target as IDBDatabase).close(),
    });
    return new IndexedDatabase(db);
  }

  all<T extends TableName>(table: T): Promise<Tables[T][]> {
    return this.db.getAll(table) as Promise<Tables[T][]>;
  }

  recentMessages(conversationId: string): Promise<MessageShape[]> {
    return this.db.getAllFromIndex("messages", "place", placesOf(conversationId));
  }

  async transact(work: (transaction: Transaction) => Promise<void>): Promise<void> {
    const opened = this.db.transaction(TABLES, "readwrite");
    // Both at once: a failed request ends `done` before `work` hears of it.
    await Promise.all([work(new IndexedTransaction(opened)), opened.done]);
  }

  close(): void {
    this.db.close();
  }
}

class IndexedTransaction implements Transaction {
  constructor(private readonly opened: Opened) {}

  get<T extends TableName>(table: T, key: string): Promise<Tables[T] | undefined> {
    return this.opened.objectStore(table).get(key) as Promise<Tables[T] | undefined>;
  }

  async put<T extends TableName>(table: T, row: Tables[T]): Promise<void> {
    await this.opened.objectStore<TableName>(table).put(row);
  }

  delete(table: TableName, key: string): Promise<void> {
    return this.opened.objectStore(table).delete(key);
  }

  clear(table: TableName): Promise<void> {
    return this.opened.objectStore(table).clear();
  }

  messagesOf(conversationId: string): Promise<MessageShape[]> {
    return this.opened.objectStore("messages").index("place").getAll(placesOf(conversationId));
  }

  countMessages(conversationId: string): Promise<number> {
    return this.opened.objectStore("messages").index("place").count(placesOf(conversationId));
  }

  repliesTo(messageId: string): Promise<MessageShape[]> {
    return this.opened.objectStore("messages").index("quote").getAll(messageId);
  }
}

function upgrade(db: IDBPDatabase<Schema>, from: number): void {
  if (from < 1) {
    const messages = db.createObjectStore("messages", { keyPath: KEYS.messages });
    messages.createIndex("place", ["conversation_id", "seq"]);
    messages.createIndex("quote", "reply_to.id");
    db.createObjectStore("conversations", { keyPath: KEYS.conversations });
    db.createObjectStore("positions", { keyPath: KEYS.positions });
    db.createObjectStore("queue", { keyPath: KEYS.queue });
    db.createObjectStore("drafts", { keyPath: KEYS.drafts });
    db.createObjectStore("marks", { keyPath: KEYS.marks });
  }
  if (from < 2) db.createObjectStore("reactions", { keyPath: KEYS.reactions });
}

function placesOf(conversationId: string): IDBKeyRange {
  return IDBKeyRange.bound([conversationId, 0], [conversationId, Infinity]);
}
