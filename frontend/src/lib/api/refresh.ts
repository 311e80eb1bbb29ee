/**
 * Getting a new access token, once.
 *
 * Refresh tokens rotate and a used one that comes back revokes its whole family, so two refreshes must never run at the
 * same time: within a tab the promise is shared, between tabs a Web Lock queues them, and a tab that waited takes the
 * token the other one broadcast instead of asking again.
 */
import { ApiError, readError } from "./errors";
import { acceptGrant, becomeGuest, expireSession, forgetSession, mayHaveSession, resumeUnasked, session } from "./session";
import type { Grant } from "./types";

const LOCK = "kintsugi.refresh";

let running: Promise<void> | null = null;

/**
 * Renew the session by cookie. Resolves with the session renewed or ended (a guest); rejects with an `ApiError` when the
 * server could not decide, in which case the session is left as it was.
 *
 * `stale` is the access token that no longer works; a different one in place means somebody renewed it already.
 */
export function refreshSession(stale: string | null): Promise<void> {
  running ??= withLock(() => (accessToken() === stale ? requestGrant() : Promise.resolve())).finally(() => {
    running = null;
  });
  return running;
}

/** At the start of a page: the session this browser was left with, at once when its person is known; or a guest. */
export async function resumeSession(): Promise<void> {
  if (!mayHaveSession()) becomeGuest();
  else if (resumeUnasked()) await refreshSession("");
  else await refreshSession(null);
}

export function accessToken(): string | null {
  return session.value.status === "signed-in" ? session.value.accessToken : null;
}

async function requestGrant(): Promise<void> {
  const response = await fetch("/api/auth/refresh", {
    method: "POST",
    headers: { "X-Requested-With": "kintsugi" },
    credentials: "same-origin",
  }).catch((error: unknown) => {
    throw new ApiError(String(error), 0, "network");
  });
  if (response.ok) {
    acceptGrant((await response.json()) as Grant);
    return;
  }
  const error = await readError(response);
  // Too many requests or a server in trouble says nothing about the cookie: do not sign anybody out for it.
  if (error.status === 429 || error.status >= 500) throw error;
  if (error.code === "session_revoked") forgetSession();
  else expireSession();
}

/** Web Locks exist in secure contexts only; over plain HTTP tabs fall back to taking their chances. */
async function withLock(work: () => Promise<void>): Promise<void> {
  const { locks } = navigator as Partial<Navigator>;
  if (!locks) return work();
  await locks.request(LOCK, work);
}
