import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { ApiError, session } from "./api";
import { sendFile } from "./resumable";

const MB = 1024 * 1024;
const CHUNK = 4 * MB;
const FILE = new File([new Uint8Array(10 * MB)], "film.mp4", { type: "video/mp4" });

/** The server's end: what it has, and what goes wrong. */
let has: number;
let begun: Record<string, unknown>[];
let pieces: number[];
let fail: (at: number) => Response | null;
/** How often the end of an upload is put off. */
let busy = 0;

beforeEach(() => {
  has = 0;
  begun = [];
  pieces = [];
  fail = () => null;
  session.value = { status: "signed-in", user: {} as never, accessToken: "a", expiresAt: Infinity };
  vi.stubGlobal("fetch", (path: string, init: RequestInit) => Promise.resolve(answer(path, init)));
});

afterEach(() => vi.unstubAllGlobals());

function answer(path: string, { method, body, headers }: RequestInit): Response {
  if (path === "/api/files/uploads") {
    begun.push(JSON.parse(body as string) as Record<string, unknown>);
    return Response.json({ id: "u1", offset: has, chunk_size: CHUNK }, { status: 201 });
  }
  if (path !== "/api/files/uploads/u1" && path !== "/api/files/uploads/u1/complete") return Response.json({}, { status: 404 });
  if (path.endsWith("/complete") && busy > 0) {
    busy -= 1;
    return Response.json({ error: "Another file is being read.", code: "busy", retry_after: 1 }, { status: 429 });
  }
  if (path.endsWith("/complete")) return Response.json({ id: has === FILE.size ? "f1" : "torn" }, { status: 201 });
  if (method === "GET") return Response.json({ id: "u1", offset: has, chunk_size: CHUNK });
  const at = Number(new Headers(headers).get("Upload-Offset"));
  pieces.push(at);
  if (at !== has) return Response.json({ error: "Elsewhere.", code: "conflict" }, { status: 409 });
  const failure = fail(at);
  if (failure) return failure;
  has += (body as Blob).size;
  return new Response(null, { status: 204, headers: { "Upload-Offset": String(has) } });
}

function send(options: Partial<Parameters<typeof sendFile>[1]> = {}) {
  const shares: number[] = [];
  const onProgress = (share: number) => shares.push(share);
  const work = sendFile(FILE, { signal: new AbortController().signal, clientId: "c1", purpose: "story", onProgress, ...options });
  return { work, shares };
}

it("sends a large file in pieces, and says how far it is", async () => {
  const started: string[] = [];
  const { work, shares } = send({ onStarted: (id) => void started.push(id) });
  expect((await work).id).toBe("f1");
  expect(pieces).toEqual([0, CHUNK, 2 * CHUNK]);
  expect(shares).toEqual([0, 0.4, 0.8, 1]);
  expect(begun).toEqual([{ name: "film.mp4", size: 10 * MB, purpose: "story", client_id: "c1" }]);
  expect(started).toEqual(["u1"]);
});

it("goes on where it broke", async () => {
  fail = (at) => (at === CHUNK ? Response.json({ error: "Later", code: "unavailable" }, { status: 503 }) : null);
  await expect(send().work).rejects.toThrow(ApiError);
  fail = () => null;
  pieces = [];
  expect((await send({ uploadId: "u1" }).work).id).toBe("f1");
  expect(pieces).toEqual([CHUNK, 2 * CHUNK]);
  expect(begun).toHaveLength(1);
});

it("begins anew when the server has dropped what was begun", async () => {
  expect((await send({ uploadId: "gone" }).work).id).toBe("f1");
  expect(begun).toHaveLength(1);
});

it("asks the server where it is when the two disagree", async () => {
  fail = (at) => {
    // The piece arrived, its answer did not: the next try is told.
    if (at === 0 && pieces.length === 1) {
      has = CHUNK;
      return Response.json({ error: "Elsewhere.", code: "conflict" }, { status: 409 });
    }
    return null;
  };
  expect((await send().work).id).toBe("f1");
  expect(pieces).toEqual([0, CHUNK, 2 * CHUNK]);
});

it("stops between two pieces when it is given up, and does not ask for ever", async () => {
  const abort = new AbortController();
  abort.abort();
  await expect(send({ signal: abort.signal }).work).rejects.toThrow();
  expect(pieces).toEqual([]);
  fail = () => Response.json({ error: "Elsewhere.", code: "conflict" }, { status: 409 });
  await expect(send().work).rejects.toMatchObject({ code: "network" });
  expect(pieces.length).toBeLessThan(10);
});

it("waits with the end of an upload while another file is being read", async () => {
  vi.useFakeTimers();
  busy = 2;
  const { work } = send();
  await vi.runAllTimersAsync();
  expect((await work).id).toBe("f1");
  expect(busy).toBe(0);
  vi.useRealTimers();
});
