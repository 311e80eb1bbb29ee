/** The one door to the server: the bearer token, its renewal, the house's errors. */
import { language } from "@/lib/i18n";
import { toJson } from "@/lib/text";

import { ApiError, isAbort, readError } from "./errors";
import { address } from "./paths";
import type { Answer, AnyCall, CallArguments, Method, PathOf } from "./paths";
import { accessToken, refreshSession } from "./refresh";
import { forgetSession, session, whoIsHere } from "./session";

/** A token that dies within this time is renewed before it is used, so that long uploads do not fail half way. */
const RENEW_BEFORE_MS = 10_000;

/** While somebody signs out. */
let leaving: Promise<void> | null = null;

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
  // Renewing may find that the session was over before, and then nobody is here any more; what is kept goes all the same.
  const userId = whoIsHere();
  try {
    const response = await fetchInTheirName(path, { method: "POST" });
    if (!response.ok && accessToken() !== null) throw await readError(response);
  } catch (error) {
    if (accessToken() !== null) throw error;
  }
  forgetSession(userId);
}

/** What a timer asks while somebody signs out would be refused half way; it waits, and afterwards nobody needs it. */
async function untilLeft(end: Promise<void>): Promise<void> {
  await end.catch(() => undefined);
  if (accessToken() === null) throw new DOMException("Signed out", "AbortError");
}

async function fetchInTheirName(path: string, init: RequestInit): Promise<Response> {
  if (expiresSoon()) await renewFirst();
  const token = accessToken();
  const response = await send(path, init, token);
  if (response.status !== 401 || token === null) return response;
  await refreshSession(token);
  const renewed = accessToken();
  return renewed === null ? response : send(path, init, renewed);
}

/** When that ends the session, nobody is left to ask for: a page that began as the last person is already gone. */
async function renewFirst(): Promise<void> {
  const before = accessToken();
  await refreshSession(before);
  if (before === "" && accessToken() === null) throw new DOMException("Signed out", "AbortError");
}

type Caller<M extends Method> = <P extends PathOf<M>>(path: P, ...call: CallArguments<M, P>) => Promise<Answer<M, P>>;

/**
 * Calls by the addresses of the schema: what an address takes and answers is known to the compiler. They reject with an
 * `ApiError`, or an `AbortError` when their `signal` aborts.
 *
 *     api.patch("/api/chats/{chat_id}", { path: { chat_id: id }, body: { pinned: true } })
 */
export const api = {
  get: caller("get"),
  post: caller("post"),
  put: caller("put"),
  patch: caller("patch"),
  delete: caller("delete"),

  /** The response itself, also one that is not ok (see `readError`): for streams and downloads. */
  fetch<M extends Method, P extends PathOf<M>>(method: M, path: P, ...[call]: CallArguments<M, P>): Promise<Response> {
    return open(method, path, call);
  },

  /** The page after one: of the same kind, as the server says where it is. Null after the last. */
  async nextPage<P extends { next: string | null }>(page: P, signal?: AbortSignal): Promise<P | null> {
    return page.next === null ? null : ((await read(authorizedFetch(page.next, { signal: signal ?? null }))) as P);
  },
};

function caller<M extends Method>(method: M): Caller<M> {
  // Here alone the server is trusted to answer what its schema says.
  return (path, ...[call]) => read(open(method, path, call)) as Promise<Answer<M, typeof path>>;
}

/** A body is sent as JSON, or as it is when it is a form or a piece of a file. */
function open(method: Method, path: string, call: AnyCall = {}): Promise<Response> {
  const { body, signal, headers, keepalive = false } = call;
  const isJson = body !== undefined && !(body instanceof FormData || body instanceof Blob);
  return authorizedFetch(address(path, call), {
    method: method.toUpperCase(),
    signal: signal ?? null,
    keepalive,
    headers: { ...(isJson && { "Content-Type": "application/json" }), ...headers },
    ...(body !== undefined && { body: isJson ? toJson(body) : body }),
  });
}

async function read(request: Promise<Response>): Promise<unknown> {
  const response = await request;
  if (!response.ok) throw await readError(response);
  const text = await response.text();
  return text === "" ? undefined : JSON.parse(text);
}

async function send(path: string, init: RequestInit, token: string | null): Promise<Response> {
  const headers = new Headers(init.headers);
  headers.set("Accept-Language", language.value);
  // Only our own pages can add it: the server then keeps the refresh token in the cookie, out of reach of scripts.
  headers.set("X-Requested-With", "kintsugi");
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
