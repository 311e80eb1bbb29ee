/** What other people left in this browser, when somebody else signs in here. */
import { deleteDB } from "idb";

import { DATABASE_PREFIX } from "../../deleteOnSignOut";
import { IndexedDatabase } from "./indexed";
import { TABLES } from "./tables";

/** What somebody wrote and could not send waits this long for them to come back. */
const UNSENT_MS = 7 * 24 * 3_600_000;

/**
 * Take away the histories of everybody but `userId`. Messages that were never sent exist nowhere else, so they stay where
 * only their author's sign-in looks, for a week; a database without any goes altogether.
 */
export async function clearOthers(userId: string, now = Date.now()): Promise<void> {
  const { indexedDB } = globalThis as Partial<typeof globalThis>;
  for (const { name } of (await indexedDB?.databases()) ?? []) {
    if (name?.startsWith(DATABASE_PREFIX) !== true || name === DATABASE_PREFIX + userId) continue;
    const database = await IndexedDatabase.open(name.slice(DATABASE_PREFIX.length));
    const isNeeded = await keepUnsent(database, now).finally(() => database.close());
    if (!isNeeded) await deleteDB(name);
  }
}

/** Whether anything stays. */
async function keepUnsent(database: IndexedDatabase, now: number): Promise<boolean> {
  const unsent = (await database.all("queue")).filter(({ order }) => now - order < UNSENT_MS);
  await database.transact(async (transaction) => {
    for (const table of TABLES) await transaction.clear(table);
    for (const entry of unsent) await transaction.put("queue", entry);
  });
  return unsent.length > 0;
}
