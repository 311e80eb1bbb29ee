/** The disk below the model: changes go in, in order; the rows of the last visit come out. */
import type { MessageShape } from "../shapes";
import { applyChange } from "./changes";
import type { Change } from "./changes";
import { IndexedDatabase } from "./indexed";
import { MemoryDatabase } from "./memory";
import type { Database, QueueEntry, TableName, Tables } from "./tables";

export type { Change } from "./changes";
export { KEPT_MESSAGES } from "./changes";
export { clearOthers } from "./others";
export type { QueuedFile, QueueEntry, ReadMark, StoredDraft, StoredReaction } from "./tables";

/** More than this in one transaction would hold up other tabs. */
const MOST_AT_ONCE = 200;

/** A disk that does not even open in this time is none. */
const OPENING_MS = 5_000;

/** In memory when this browser keeps nothing (private windows), so that everything works but reloading. */
export function openStorage(userId: string): Storage {
  return new Storage(openInTime(userId).catch(() => new MemoryDatabase()));
}

async function openInTime(userId: string): Promise<Database> {
  const opening = IndexedDatabase.open(userId);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("IndexedDB does not open")), OPENING_MS);
  });
  try {
    return await Promise.race([opening, late]);
  } catch (error) {
    // Nobody will use it should it still come.
    opening.then((database) => database.close()).catch(() => undefined);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

interface Waiting {
  change: Change;
  done: (isWritten: boolean) => void;
}

export class Storage {
  private waiting: Waiting[] = [];
  private running: Promise<void> | null = null;
  private isClosed = false;

  constructor(private readonly database: Promise<Database>) {}

  async all<T extends TableName>(table: T): Promise<Tables[T][]> {
    return (await this.database).all(table);
  }

  async queue(): Promise<QueueEntry[]> {
    return (await this.all("queue")).sort((a, b) => a.order - b.order);
  }

  /** What is kept of a conversation's end, ascending, without a hole. */
  async recentMessages(conversationId: string): Promise<MessageShape[]> {
    await this.settled();
    const database = await this.database;
    return database.recentMessages(conversationId).catch(() => []);
  }

  /**
   * Write, after everything that was asked for before; changes that come in while one transaction runs share the next.
   * Answers whether it outlives the page. Of a disk that fails (full, closed by a newer release) the page has its own copy in
   * memory, and the next visit asks the server again from the last position that was written; what only this browser knows
   * (the queue) must be looked after by whoever wrote it.
   */
  write(change: Change): Promise<boolean> {
    if (this.isClosed) return Promise.resolve(false);
    return new Promise((done) => {
      this.waiting.push({ change, done });
      this.running ??= this.drain();
    });
  }

  /** Everything asked for until now is written. */
  settled(): Promise<void> {
    return this.running ?? Promise.resolve();
  }

  /** Writes what waits, and nothing more. */
  async close(): Promise<void> {
    this.isClosed = true;
    await this.running;
    (await this.database).close();
  }

  private async drain(): Promise<void> {
    while (this.waiting.length > 0) await this.writeTogether(this.waiting.splice(0, MOST_AT_ONCE));
    this.running = null;
  }

  /** All in one transaction; should that fail, one by one, so that a file the disk has no room for takes nothing along. */
  private async writeTogether(batch: readonly Waiting[]): Promise<void> {
    const written = await this.transact(batch.map(({ change }) => change));
    if (written !== null || batch.length === 1) {
      for (const { done } of batch) done(written ?? false);
      return;
    }
    for (const { change, done } of batch) done((await this.transact([change])) ?? false);
  }

  /** Null: nothing of it is written. */
  private async transact(changes: readonly Change[]): Promise<boolean | null> {
    try {
      const database = await this.database;
      await database.transact(async (transaction) => {
        for (const change of changes) await applyChange(transaction, change);
      });
      return database.isLasting;
    } catch {
      return null;
    }
  }
}
