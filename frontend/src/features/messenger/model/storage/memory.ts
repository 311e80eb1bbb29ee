/** The tables without a disk, for browsers that offer none (private windows): all is gone with the page. */
import type { MessageShape } from "../shapes";
import { KEYS, TABLES } from "./tables";
import type { Database, TableName, Tables, Transaction } from "./tables";

type Rows = { [T in TableName]: Map<string, Tables[T]> };

export class MemoryDatabase implements Database, Transaction {
  readonly isLasting = false;
  private readonly rows = Object.fromEntries(TABLES.map((name) => [name, new Map()])) as unknown as Rows;
  private last: Promise<void> = Promise.resolve();

  all<T extends TableName>(table: T): Promise<Tables[T][]> {
    return Promise.resolve([...this.rows[table].values()]);
  }

  recentMessages(conversationId: string): Promise<MessageShape[]> {
    return this.messagesOf(conversationId);
  }

  /** One after the other; nothing is undone, because nothing that runs here throws half way. */
  transact(work: (transaction: Transaction) => Promise<void>): Promise<void> {
    this.last = this.last.catch(() => undefined).then(() => work(this));
    return this.last;
  }

  close(): void {
    for (const name of TABLES) this.rows[name].clear();
  }

  get<T extends TableName>(table: T, key: string): Promise<Tables[T] | undefined> {
    return Promise.resolve(this.rows[table].get(key));
  }

  put<T extends TableName>(table: T, row: Tables[T]): Promise<void> {
    this.rows[table].set(String(row[KEYS[table] as unknown as keyof Tables[T]]), row);
    return Promise.resolve();
  }

  delete(table: TableName, key: string): Promise<void> {
    this.rows[table].delete(key);
    return Promise.resolve();
  }

  clear(table: TableName): Promise<void> {
    this.rows[table].clear();
    return Promise.resolve();
  }

  messagesOf(conversationId: string): Promise<MessageShape[]> {
    const messages = [...this.rows.messages.values()].filter((message) => message.conversation_id === conversationId);
    return Promise.resolve(messages.sort((a, b) => a.seq - b.seq));
  }

  async countMessages(conversationId: string): Promise<number> {
    return (await this.messagesOf(conversationId)).length;
  }

  repliesTo(messageId: string): Promise<MessageShape[]> {
    return Promise.resolve([...this.rows.messages.values()].filter((message) => message.reply_to?.id === messageId));
  }
}
