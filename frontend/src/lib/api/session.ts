/**
 * Who is signed in, and with which access token.
 *
 * The access token lives in this module's memory only; the refresh token is an HttpOnly cookie that scripts never see.
 * Tabs tell each other about new tokens and about signing out, so that one refresh serves them all.
 */
import { computed, signal } from "@preact/signals";

import type { Grant, User } from "./types";

export type SessionState =
  | { status: "starting" }
  | { status: "guest" }
  /** The server could not be asked; the cookie may well be good. */
  | { status: "unreachable" }
  | { status: "signed-in"; user: User; accessToken: string; expiresAt: number };

type TabMessage =
  | { type: "granted"; user: User; accessToken: string; expiresAt: number }
  /** `userId`: of whom this browser shall keep nothing. */
  | { type: "signed-out"; userId: string | null };

export const session = signal<SessionState>({ status: "starting" });

export const currentUser = computed(() => (session.value.status === "signed-in" ? session.value.user : null));

const tabs = "BroadcastChannel" in globalThis ? new BroadcastChannel("kintsugi.session") : null;
tabs?.addEventListener("message", (event: MessageEvent<TabMessage>) => {
  if (event.data.type === "signed-out") leave(event.data.userId);
  // A guest tab does not sign itself in behind a half-filled form; it will when it is next loaded.
  else if (session.value.status !== "guest") adopt(event.data);
});

/**
 * Whether a session was left in this browser, and whose. The cookie itself is out of sight, so a mark stands in for it:
 * without one nobody is there to be asked about, and a newcomer's first page makes no request that must fail.
 */
const MARK = "kintsugi.session";

const farewells = new Set<(userId: string) => void>();

export function mayHaveSession(): boolean {
  return localStorage.getItem(MARK) !== null;
}

export function becomeGuest(): void {
  session.value = { status: "guest" };
}

export function acceptGrant(grant: Grant): void {
  const granted = {
    user: grant.user,
    accessToken: grant.access_token,
    expiresAt: Date.now() + grant.expires_in * 1000,
  };
  localStorage.setItem(MARK, grant.user.id);
  adopt(granted);
  tabs?.postMessage({ type: "granted", ...granted } satisfies TabMessage);
}

/** Somebody signed out, or was signed out: also what this browser keeps of them goes, in every tab. */
export function forgetSession(): void {
  endSession(currentUser.peek()?.id ?? localStorage.getItem(MARK));
}

/** The session ran out: whoever it was signs in again, and finds what they left. */
export function expireSession(): void {
  endSession(null);
}

/** To be called with the id of a user of whom nothing may stay here. */
export function onFarewell(forget: (userId: string) => void): void {
  farewells.add(forget);
}

/** Put a changed profile in place without touching the token. */
export function updateUser(user: User): void {
  if (session.value.status === "signed-in") session.value = { ...session.value, user };
}

function endSession(userId: string | null): void {
  localStorage.removeItem(MARK);
  leave(userId);
  tabs?.postMessage({ type: "signed-out", userId } satisfies TabMessage);
}

function leave(userId: string | null): void {
  becomeGuest();
  if (userId !== null) for (const forget of farewells) forget(userId);
}

function adopt({ user, accessToken, expiresAt }: Omit<Extract<SessionState, { status: "signed-in" }>, "status">): void {
  session.value = { status: "signed-in", user, accessToken, expiresAt };
}
