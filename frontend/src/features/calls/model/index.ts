/** The calls of whoever is signed in; they end with the session. */
import { effect } from "@preact/signals";

import { currentUser, session } from "@/lib/api";

import { missed } from "../missed";
import { Calls } from "./calls";

export type { CallTarget } from "./calls";
export type { CallSession } from "./session";
export type * from "./shapes";
export { Calls };

let current: Calls | null = null;

export function calls(): Calls {
  const user = currentUser.peek();
  if (user === null) throw new Error("Nobody is signed in.");
  if (current?.userId !== user.id) {
    endCalls();
    current = new Calls(user.id);
  }
  return current;
}

export function endCalls(): void {
  current?.close();
  current = null;
}

effect(() => {
  if (session.value.status !== "guest") return;
  endCalls();
  missed.value = 0;
});
