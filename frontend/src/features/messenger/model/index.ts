/**
 * The messenger without its screens: one connection, one store, one queue per signed-in user. Screens import from here
 * (and from `./api` for plain calls), never from the modules beside it.
 */
import { effect } from "@preact/signals";

import { currentUser, session } from "@/lib/api";

import { MessengerModel } from "./messenger";
import { clearOthers, openStorage } from "./storage";
import type { Storage } from "./storage";
import type { Messenger } from "./types";

export type * from "./shapes";
export type * from "./types";

let current: { userId: string; model: MessengerModel; storage: Storage } | null = null;

/** The one of whoever is signed in. It ends with the session; what is on the disk stays, unless somebody signed out. */
export function messenger(): Messenger {
  const user = currentUser.peek();
  if (user === null) throw new Error("Nobody is signed in.");
  if (current?.userId === user.id) return current.model;
  void endMessenger();
  const storage = openStorage(user.id);
  const model = new MessengerModel(user, storage);
  current = { userId: user.id, model, storage };
  void model.start();
  void clearOthers(user.id).catch(() => undefined);
  return model;
}

/** Resolves when it is at rest and everything it had to write is written. */
export async function endMessenger(): Promise<void> {
  const ending = current;
  current = null;
  ending?.model.close();
  await ending?.storage.close();
}

effect(() => {
  if (session.value.status === "guest") void endMessenger();
});
