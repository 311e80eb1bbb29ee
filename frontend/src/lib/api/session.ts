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
  /** With an empty token while the server was not asked yet, or cannot be: see `resumeUnasked`. */
  | { status: "signed-in"; user: User; accessToken: string; expiresAt: number };

type TabMessage =
  | { type: "granted"; user: User; accessToken: string; expiresAt: number }
  /** `userId`: of whom this browser shall keep nothing. */
  | { type: "signed-out"; userId: string | null };

export const session = signal<SessionState>({ status: "starting" });

export const currentUser = computed(() => (session.value.status === "signed-in" ? session.value.user : null));

/** The server has said who this is, since this page was loaded. */
export const isConfirmed = computed(() => session.value.status === "signed-in" && session.value.accessToken !== "");

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

/** The profile of whoever that is, so that a page can begin before the server has answered, and without it. */
const PROFILE = "kintsugi.profile";

const farewells = new Set<(userId: string) => void>();

export function mayHaveSession(): boolean {
  return localStorage.getItem(MARK) !== null;
}

/**
 * Begin as whoever was here last, with a token that must be renewed before anything is asked: their conversations lie in
 * this browser, and are theirs to read off-line. The server ends it as soon as it can be asked. False: nobody is known.
 */
export function resumeUnasked(): boolean {
  const user = keptProfile();
  if (user === null) return false;
  adopt({ user, accessToken: "", expiresAt: 0 });
  return true;
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
  keepProfile(grant.user);
  adopt(granted);
  tabs?.postMessage({ type: "granted", ...granted } satisfies TabMessage);
}

/** Whose session this is; a page that could not ask yet knows the id alone. */
export function whoIsHere(): string | null {
  return currentUser.peek()?.id ?? localStorage.getItem(MARK);
}

/** Somebody signed out, or was signed out: also what this browser keeps of them goes, in every tab. */
export function forgetSession(userId: string | null = whoIsHere()): void {
  endSession(userId);
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
  if (session.value.status !== "signed-in") return;
  session.value = { ...session.value, user };
  keepProfile(user);
}

function endSession(userId: string | null): void {
  localStorage.removeItem(MARK);
  localStorage.removeItem(PROFILE);
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

function keepProfile(user: User): void {
  localStorage.setItem(PROFILE, JSON.stringify(user));
}

function keptProfile(): User | null {
  const kept = localStorage.getItem(PROFILE);
  const user = kept === null ? null : (JSON.parse(kept) as User);
  return user?.id === localStorage.getItem(MARK) ? user : null;
}
