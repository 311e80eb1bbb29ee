/** The one door to the server: the bearer token, its renewal, the house's errors. */
import { language } from "@/lib/i18n";

import { ApiError, isAbort, readError } from "./errors";
import { accessToken, refreshSession } from "./refresh";
import { forgetSession, session } from "./session";

/** A token that dies within this time is renewed before it is used, so that long uploads do not fail half way. */
const RENEW_BEFORE_MS = 10_000;

/** While somebody signs out. */
let leaving: Promise<void> | null = null;

interface CallOptions {
  signal?: AbortSignal | undefined;
  headers?: Record<string, string>;
}

/**
 * `fetch` with the session. Answers any response, also one that is not ok (see `readError`), because a stream reader
 * wants the response itself; rejects with `ApiError` (`code: "network"`) or an `AbortError`.
 *
 * A 401 is tried once more with a renewed token. `init.body` must therefore be something that can be sent twice.
 */
export async function authorizedFetch(path: string, init: RequestInit = {}): Promise<Response> {
  if (leaving !== null) await untilLeft(leaving);
  return fetchInTheirName(path, init);
}

/**
 * End this browser's session, or all of the user's, and forget it here. Rejects with an `ApiError` when the server did
 * not do it: its cookie would sign this browser in again.
 */
export function signOut(where: "here" | "everywhere"): Promise<void> {
  leaving ??= leave(where === "here" ? "/api/auth/logout" : "/api/auth/logout/all").finally(() => {
    leaving = null;
  });
  return leaving;
}

async function leave(path: string): Promise<void> {
  const response = await fetchInTheirName(path, { method: "POST" });
  // Refused, and renewing ended the session: it was over before.
  if (!response.ok && accessToken() !== null) throw await readError(response);
  forgetSession();
}

/** What a timer asks while somebody signs out would be refused half way; it waits, and afterwards nobody needs it. */
async function untilLeft(end: Promise<void>): Promise<void> {
  await end.catch(() => undefined);
  if (accessToken() === null) throw new DOMException("Signed out", "AbortError");
}

async function fetchInTheirName(path: string, init: RequestInit): Promise<Response> {
  if (expiresSoon()) await refreshSession(accessToken());
  const token = accessToken();
  const response = await send(path, init, token);
  if (response.status !== 401 || token === null) return response;
  await refreshSession(token);
  const renewed = accessToken();
  return renewed === null ? response : send(path, init, renewed);
}

export const api = {
  get: <T>(path: string, options?: CallOptions) => call<T>("GET", path, undefined, options),
  post: <T = void>(path: string, body?: unknown, options?: CallOptions) => call<T>("POST", path, body, options),
  put: <T = void>(path: string, body: unknown, options?: CallOptions) => call<T>("PUT", path, body, options),
  patch: <T = void>(path: string, body: unknown, options?: CallOptions) => call<T>("PATCH", path, body, options),
  delete: (path: string, options?: CallOptions) => call<undefined>("DELETE", path, undefined, options),
};

/** `body` is sent as JSON, or as it is when it is `FormData`. The answer is trusted to be what the schema says. */
async function call<T>(method: string, path: string, body: unknown, options: CallOptions = {}): Promise<T> {
  const isForm = body instanceof FormData;
  const init: RequestInit = {
    method,
    signal: options.signal ?? null,
    headers: { ...(body !== undefined && !isForm && { "Content-Type": "application/json" }), ...options.headers },
    ...(body !== undefined && { body: isForm ? body : JSON.stringify(body) }),
  };
  const response = await authorizedFetch(path, init);
  if (!response.ok) throw await readError(response);
  const text = await response.text();
  return (text === "" ? undefined : JSON.parse(text)) as T;
}

async function send(path: string, init: RequestInit, token: string | null): Promise<Response> {
  const headers = new Headers(init.headers);
  headers.set("Accept-Language", language.value);
  if (token !== null) headers.set("Authorization", `Bearer ${token}`);
  try {
    return await fetch(path, { ...init, headers, credentials: "same-origin" });
  } catch (error) {
    if (isAbort(error)) throw error;
    throw new ApiError(String(error), 0, "network");
  }
}

function expiresSoon(): boolean {
  return session.value.status === "signed-in" && session.value.expiresAt - Date.now() < RENEW_BEFORE_MS;
}
