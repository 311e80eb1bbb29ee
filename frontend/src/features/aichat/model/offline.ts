/** The chats that were opened last, as they were seen then: for reading where the server cannot be reached. */
import type { DBSchema, IDBPDatabase, OpenDBCallbacks } from "idb";

import { ApiError, currentUser } from "@/lib/api";

import { CHATS_PREFIX } from "../deleteOnSignOut";
import type { Chat, Message } from "../shapes";

export interface KeptChat {
  readonly id: string;
  readonly chat: Chat;
  /** The end of the branch that was shown. */
  readonly newestFirst: readonly Message[];
  /** When it was seen. */
  readonly at: string;
}

interface Schema extends DBSchema {
  chats: { key: string; value: KeptChat; indexes: { at: string } };
}

const MOST_CHATS = 30;
const MOST_MESSAGES = 100;

let opened: { userId: string; database: Promise<IDBPDatabase<Schema>> } | null = null;

/** What cannot be kept is not kept: nothing is lost by it but the reading without a connection. */
export function keepChat(chat: Chat, newestFirst: readonly Message[]): void {
  if (chat.temporary) return;
  const kept = { id: chat.id, chat, newestFirst: newestFirst.slice(0, MOST_MESSAGES), at: new Date().toISOString() };
  void inDatabase(async (database) => {
    await database.put("chats", kept);
    const surplus = (await database.count("chats")) - MOST_CHATS;
    if (surplus <= 0) return;
    for (const key of await database.getAllKeysFromIndex("chats", "at", null, surplus)) await database.delete("chats", key);
  });
}

export function keptChat(id: string): Promise<KeptChat | undefined> {
  return inDatabase((database) => database.get("chats", id));
}

/** All of them, last used first. */
export async function keptChats(): Promise<readonly Chat[]> {
  const kept = (await inDatabase((database) => database.getAll("chats"))) ?? [];
  return kept.map(({ chat }) => chat).sort((a, b) => b.updated_at.localeCompare(a.updated_at));
}

/** It was deleted. */
export function dropChat(id: string): void {
  void inDatabase((database) => database.delete("chats", id));
}

/** Nobody knows what the server would have said. */
export function isUnreachable(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 0 || error.status >= 502);
}

async function inDatabase<T>(work: (database: IDBPDatabase<Schema>) => Promise<T>): Promise<T | undefined> {
  const userId = currentUser.peek()?.id;
  if (userId === undefined) return undefined;
  try {
    return await work(await openFor(userId));
  } catch {
    return undefined;
  }
}

function openFor(userId: string): Promise<IDBPDatabase<Schema>> {
  if (opened?.userId === userId) return opened.database;
  const closed = () => {
    if (opened?.userId === userId) opened = null;
  };
  const callbacks: OpenDBCallbacks<Schema> = {
    upgrade: (db) => void db.createObjectStore("chats", { keyPath: "id" }).createIndex("at", "at"),
    // Somebody signs out in another tab, or a newer release is there.
    blocking: (_current, _wanted, event) => {
      (event.target as IDBDatabase).close();
      closed();
    },
    terminated: closed,
  };
  // No first screen needs it, unless the server cannot be reached.
  const database = import("idb").then(({ openDB }) => openDB(CHATS_PREFIX + userId, 1, callbacks));
  database.catch(closed);
  opened = { userId, database };
  void clearOthers(userId);
  return database;
}

/** Whoever sat here before and did not sign out; all of it is on the server. */
async function clearOthers(userId: string): Promise<void> {
  for (const { name } of await indexedDB.databases()) {
    if (name?.startsWith(CHATS_PREFIX) === true && name !== CHATS_PREFIX + userId) indexedDB.deleteDatabase(name);
  }
}
