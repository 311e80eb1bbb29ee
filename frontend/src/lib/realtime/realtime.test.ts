import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { session } from "@/lib/api";

import { Positions, RealtimeSocket, currentSocket, subscribe } from ".";
import type { Reset } from ".";
import { backoff } from "./backoff";
import { adviceFor } from "./closes";

/** The other end of the wire, in the hands of the test. */
class Wire {
  static readonly OPEN = 1;
  static all: Wire[] = [];
  readyState = 1;
  sent: { type: string; id?: string; payload?: unknown }[] = [];
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;

  constructor(readonly url: URL) {
    Wire.all.push(this);
  }

  static get last(): Wire {
    const wire = Wire.all.at(-1);
    if (!wire) throw new Error("nobody has connected");
    return wire;
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text) as { type: string });
  }

  close(): void {
    this.readyState = 3;
  }

  say(type: string, payload: unknown = {}, rest: object = {}): void {
    this.onmessage?.({ data: JSON.stringify({ type, payload, ...rest }) });
  }

  cut(code: number, reason = ""): void {
    this.readyState = 3;
    this.onclose?.({ code, reason });
  }
}

let events: string[];
let resets: Reset[];
let ends: string[];
let positions: Positions;
let socket: RealtimeSocket;
let tickets: number;

beforeEach(() => {
  vi.useFakeTimers();
  Wire.all = [];
  events = [];
  resets = [];
  ends = [];
  tickets = 0;
  session.value = { status: "signed-in", user: { id: "me" } as never, accessToken: "a", expiresAt: Infinity };
  vi.stubGlobal("WebSocket", Wire);
  vi.stubGlobal("fetch", (path: string) => {
    if (path !== "/api/auth/ws-ticket") return Promise.resolve(Response.json({ user: {}, access_token: "b" }));
    return Promise.resolve(Response.json({ ticket: `t${++tickets}` }));
  });
  positions = new Positions([["c:1", 5]]);
  socket = new RealtimeSocket({
    userId: "me",
    positions,
    onEvent: (stream, frame) => events.push(`${stream}@${frame.seq}`),
    onSignal: (frame) => events.push(frame.type),
    onReset: (list) => resets.push(...list),
    onLive: () => events.push("live"),
    onEnd: (reason) => ends.push(reason),
  });
});

afterEach(() => {
  socket.stop();
  vi.useRealTimers();
});

async function goLive(): Promise<Wire> {
  if (Wire.all.length === 0) socket.start();
  await vi.advanceTimersByTimeAsync(0);
  const wire = Wire.last;
  wire.say("hello");
  wire.say("synced", { reset: [], more: false, heads: {} });
  return wire;
}

const syncs = (wire: Wire) => wire.sent.filter(({ type }) => type === "sync").length;

describe("connecting", () => {
  it("asks for a ticket, tells its positions after hello, and is live after synced", async () => {
    socket.start();
    expect(socket.state.value).toEqual({ state: "connecting" });
    await vi.advanceTimersByTimeAsync(0);
    expect(Wire.last.url.search).toBe("?token=t1");
    expect(Wire.last.sent).toEqual([]);
    Wire.last.say("hello");
    expect(socket.state.value).toEqual({ state: "catching-up" });
    expect(Wire.last.sent).toEqual([{ type: "sync", id: "sync", payload: { streams: { "c:1": 5 } } }]);
    Wire.last.say("message.new", {}, { room: "1", seq: 6 });
    Wire.last.say("synced", { reset: [], more: false, heads: {} });
    expect(socket.state.value).toEqual({ state: "live" });
    expect(events).toEqual(["c:1@6", "live"]);
  });

  it("asks again, from where it has come to, while there is more", async () => {
    socket.start();
    await vi.advanceTimersByTimeAsync(0);
    Wire.last.say("hello");
    Wire.last.say("message.new", {}, { room: "1", seq: 6 });
    Wire.last.say("synced", { reset: [], more: true, heads: {} });
    expect(Wire.last.sent.at(-1)?.payload).toEqual({ streams: { "c:1": 6 } });
    expect(socket.state.value.state).toBe("catching-up");
  });

  it("takes the heads of streams that are read anew, and forgets those that are not mine", async () => {
    socket.start();
    await vi.advanceTimersByTimeAsync(0);
    Wire.last.say("hello");
    positions.advance("c:9", 3);
    Wire.last.say("synced", { reset: ["c:1", "c:2", "c:9"], more: false, heads: { "c:1": 2, "c:2": 7 } });
    expect(resets).toEqual([
      { stream: "c:1", head: 2, restored: true },
      { stream: "c:2", head: 7, restored: false },
      { stream: "c:9", head: null, restored: false },
    ]);
    expect(positions.entries()).toEqual([
      ["c:1", 2],
      ["c:2", 7],
    ]);
  });
});

describe("contiguity", () => {
  it("hands out each event once and in order, and asks once for what is missing", async () => {
    const wire = await goLive();
    for (const seq of [6, 6, 5, 9, 10, 7]) wire.say("x", {}, { room: "1", seq });
    expect(events).toEqual(["live", "c:1@6", "c:1@7"]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(syncs(wire)).toBe(2);
    expect(wire.sent.at(-1)?.payload).toEqual({ streams: { "c:1": 7 } });
  });

  it("keeps streams apart; a frame without a room is of my own", async () => {
    const wire = await goLive();
    positions.advance("u:me", 1);
    wire.say("x", {}, { seq: 2 });
    wire.say("x", {}, { room: "1", seq: 6 });
    expect(events).toEqual(["live", "u:me@2", "c:1@6"]);
  });

  it("tells each event of a type once to whoever wants to hear of it, until they do not", async () => {
    const heard: (number | undefined)[] = [];
    const stop = subscribe("subscription.updated", (frame) => heard.push(frame.seq));
    const wire = await goLive();
    positions.advance("u:me", 1);
    for (const seq of [2, 2]) wire.say("subscription.updated", {}, { seq });
    wire.say("payment.updated", {}, { seq: 3 });
    stop();
    wire.say("subscription.updated", {}, { seq: 4 });
    expect(heard).toEqual([2]);
  });

  it("tells what has no position to its owner and to whoever wants to hear of it, and the answers to nobody", async () => {
    const heard: unknown[] = [];
    const types = ["call.signal", "synced", "ping", "ok", "error"];
    const stops = types.map((type) => subscribe(type, (frame) => heard.push(frame.payload)));
    const wire = await goLive();
    wire.say("call.signal", { n: 1 });
    wire.say("call.signal", { n: 1 });
    wire.say("user.typing", { n: 2 });
    wire.say("ping", { tails: {} });
    wire.say("ok", {}, { id: "c1" });
    for (const stop of stops) stop();
    wire.say("call.signal", { n: 3 });
    expect(heard).toEqual([{ n: 1 }, { n: 1 }]);
    expect(events).toEqual(["live", "call.signal", "call.signal", "user.typing", "call.signal"]);
  });

  it("tells whoever wants to hear it that the server has greeted, at each connection", async () => {
    const heard: unknown[] = [];
    const stop = subscribe("hello", (frame) => heard.push(frame.type));
    await goLive();
    stop();
    expect(heard).toEqual(["hello"]);
  });

  it("answers pings, and asks when a tail is ahead", async () => {
    const wire = await goLive();
    wire.say("ping", { tails: { "c:1": 5 } });
    await vi.advanceTimersByTimeAsync(1_000);
    expect([wire.sent.at(-1)?.type, syncs(wire)]).toEqual(["pong", 1]);
    wire.say("ping", { tails: { "c:1": 6 } });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(syncs(wire)).toBe(2);
  });
});

describe("commands", () => {
  it("get the answer that carries their id", async () => {
    const wire = await goLive();
    const one = socket.command("a", {});
    const two = socket.command("b", {}).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(0);
    const [first, second] = wire.sent.slice(-2);
    wire.say("error", { code: "blocked", error: "No.", retryable: false }, { id: second?.id });
    wire.say("ok", { id: "m" }, { id: first?.id });
    expect(await one).toEqual({ id: "m" });
    expect(await two).toMatchObject({ code: "blocked", message: "No.", status: 400 });
  });

  it("are unanswered, not failed, when the line breaks or is silent", async () => {
    const wire = await goLive();
    const cut = socket.command("a", {}).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(0);
    wire.cut(1006);
    expect(await cut).toMatchObject({ code: "network" });
    await vi.advanceTimersByTimeAsync(2_000);
    await goLive();
    const silent = socket.command("b", {}).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(15_000);
    expect(await silent).toMatchObject({ code: "network" });
    expect(socket.state.value.state).toBe("offline");
  });

  it("keep below the server's bound, however many there are", async () => {
    const wire = await goLive();
    for (let n = 0; n < 100; n += 1) void socket.command("a", {}).catch(() => undefined);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(wire.sent.filter(({ type }) => type === "a").length).toBeLessThanOrEqual(30);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(wire.sent.filter(({ type }) => type === "a")).toHaveLength(100);
  });
});

describe("the current socket", () => {
  it("is there from start to stop, for commands and for what may be lost", async () => {
    expect(currentSocket.value).toBeNull();
    const wire = await goLive();
    const current = currentSocket.value;
    expect(current?.state.value).toEqual({ state: "live" });
    current?.tell("typing.start", { n: 1 });
    const asked = current?.command("a", {});
    await vi.advanceTimersByTimeAsync(0);
    expect(wire.sent.slice(-2)).toEqual([
      { type: "typing.start", payload: { n: 1 } },
      { type: "a", id: "c1", payload: {} },
    ]);
    wire.say("ok", { n: 2 }, { id: "c1" });
    expect(await asked).toEqual({ n: 2 });
    socket.stop();
    expect(currentSocket.value).toBeNull();
  });

  it("stays while the line is away, and says so", async () => {
    (await goLive()).cut(1006);
    expect(currentSocket.value?.state.value.state).toBe("offline");
    await expect(currentSocket.value?.command("a", {})).rejects.toMatchObject({ code: "network" });
  });

  it("is the newest one, whatever becomes of those before", async () => {
    await goLive();
    const next = new RealtimeSocket({
      userId: "you",
      positions: new Positions(),
      onEvent: () => undefined,
      onSignal: () => undefined,
      onReset: () => undefined,
      onLive: () => undefined,
      onEnd: () => undefined,
    });
    next.start();
    socket.stop();
    expect(currentSocket.value).toBe(next);
    next.stop();
    expect(currentSocket.value).toBeNull();
  });
});

describe("the line", () => {
  it.each([
    [4003, { do: "end", reason: "refused" }],
    [4008, { do: "resume" }],
    [4009, { do: "end", reason: "malformed" }],
    [1009, { do: "end", reason: "malformed" }],
    [4010, { do: "end", reason: "revoked" }],
    [4011, { do: "wait", ms: 2_500 }],
    [1012, { do: "wait", ms: 2_500 }],
    [4012, { do: "wait-for-focus" }],
    [4029, { do: "wait", ms: 7_000 }],
    [1011, { do: "back-off" }],
    [1006, { do: "back-off" }],
    [4001, { do: "renew-session" }],
  ])("closed with %i", (code, advice) => {
    expect(adviceFor(code, code === 4029 ? "7" : "", () => 0.5)).toEqual(advice);
  });

  it("backs off 1, 2, 4 … 30 s, half less or more", () => {
    expect([0, 1, 2, 3, 4, 5, 9].map((n) => backoff(n, () => 0.5))).toEqual([1e3, 2e3, 4e3, 8e3, 16e3, 30e3, 30e3]);
    expect([backoff(0, () => 0), backoff(0, () => 1)]).toEqual([500, 1_500]);
  });

  it("says when it tries again, and does so at once when the network is back", async () => {
    (await goLive()).cut(1006);
    expect(socket.state.value).toMatchObject({ state: "offline", retryAt: expect.any(Number) as number });
    window.dispatchEvent(new Event("online"));
    await vi.advanceTimersByTimeAsync(0);
    expect(Wire.all).toHaveLength(2);
  });

  it("is dead after a minute of silence, and when the network is lost", async () => {
    await goLive();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(socket.state.value.state).toBe("offline");
    await vi.advanceTimersByTimeAsync(2_000);
    await goLive();
    window.dispatchEvent(new Event("offline"));
    expect(socket.state.value.state).toBe("offline");
  });

  it("renews the session once, and ends when that was not it", async () => {
    (await goLive()).cut(4001);
    await vi.advanceTimersByTimeAsync(0);
    expect(Wire.all).toHaveLength(2);
    Wire.last.cut(4001);
    expect([socket.state.value, ends]).toEqual([{ state: "ended", reason: "expired" }, ["expired"]]);
  });

  it("leaves the other tabs their sockets until somebody looks at this one", async () => {
    (await goLive()).cut(4012);
    await vi.advanceTimersByTimeAsync(120_000);
    expect(Wire.all).toHaveLength(1);
    vi.spyOn(document, "hasFocus").mockReturnValue(true);
    window.dispatchEvent(new Event("focus"));
    await vi.advanceTimersByTimeAsync(0);
    expect(Wire.all).toHaveLength(2);
  });

  it("stays ended after a revoked session, whatever is tried", async () => {
    (await goLive()).cut(4010);
    socket.connectNow();
    window.dispatchEvent(new Event("online"));
    await vi.advanceTimersByTimeAsync(120_000);
    expect([Wire.all.length, ends]).toEqual([1, ["revoked"]]);
  });
});

it("positions never go back, but when the server starts a stream anew", () => {
  const at = new Positions();
  at.advance("c:1", 4);
  at.advance("c:1", 2);
  expect(at.get("c:1")).toBe(4);
  expect(["c:1", "c:1", "c:1", "c:2"].map((stream, n) => at.judge(stream, [4, 5, 6, 1][n] ?? 0))).toEqual([
    "known",
    "next",
    "gap",
    "gap",
  ]);
  at.restart("c:1", 1);
  expect(at.get("c:1")).toBe(1);
});
