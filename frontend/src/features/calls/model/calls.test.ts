import { signal } from "@preact/signals";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { acceptGrant, ApiError } from "@/lib/api";
import type { User } from "@/lib/api";
import type { SharedSocket, SocketState } from "@/lib/realtime";
import { socketStarted, socketStopped } from "@/lib/realtime/current";
import { publish } from "@/lib/realtime/eventBus";
import { json, refusal, serve } from "@/lib/testing/serve";
import type { Handler } from "@/lib/testing/serve";

import { call, ICE, leg, participant } from "../testing/shapes";
import type { PlaneOptions } from "../media/plane";
import { Calls } from "./calls";
import type { LoadMedia } from "./calls";
import { afterReload, FIRST_EPOCHS } from "./epochs";
import { keepHangUp, keepPlace, keptHangUps, keptPlace } from "./kept";
import { CallSession } from "./session";
import type { CallShape } from "./shapes";

const ME = "user-bob";

/** Devices and connections that do what they are told, and tell what that was. */
function media({ canSpeak = true } = {}) {
  const planes: { follow: CallShape[]; closed: boolean; epoch: number; reach: (legId: string, epoch: number) => void; frames: string[] }[] = [];
  const asked: string[] = [];
  class LocalMedia {
    readonly audioOn = signal(true);
    readonly videoOn = signal(false);
    readonly screenOn = signal(false);
    readonly mayShow = signal(true);
    readonly isAsking = signal(false);
    readonly trouble = signal(null);
    open({ video }: { video: boolean }) {
      asked.push(video ? "both" : "microphone");
      this.videoOn.value = video && canSpeak;
      return Promise.resolve(canSpeak);
    }
    setAudio(on: boolean) {
      this.audioOn.value = on;
    }
    close() {
      asked.push("closed");
    }
  }
  class Plane {
    readonly legs = signal(new Map());
    readonly generation = 1;
    private readonly seen: (typeof planes)[number];
    constructor({ epochOf, onEpoch }: PlaneOptions) {
      this.seen = { follow: [], closed: false, epoch: epochOf("leg-a"), reach: onEpoch, frames: [] };
      planes.push(this.seen);
    }
    follow(shape: CallShape) {
      this.seen.follow.push(shape);
    }
    take(type: string) {
      this.seen.frames.push(type);
    }
    retry() {
      return undefined;
    }
    arrives() {
      return { generation: 1, media_from: [] };
    }
    hears() {
      return [];
    }
    report() {
      return null;
    }
    close() {
      this.seen.closed = true;
    }
  }
  const load = (() => Promise.resolve({ CallSession, LocalMedia, Plane })) as unknown as LoadMedia;
  return { planes, asked, load };
}

function line() {
  const commands: { type: string; payload: Record<string, unknown> }[] = [];
  const state = signal<SocketState>({ state: "live" });
  const socket: SharedSocket = {
    state,
    command: (type, payload) => {
      commands.push({ type, payload: payload as Record<string, unknown> });
      if (type === "call.answer") return Promise.reject(new ApiError("The server did not answer", 0, "network"));
      return Promise.resolve({ status: "active", generation: 1 });
    },
    tell: () => undefined,
  };
  return { socket, commands, state };
}

const BOBS = () => participant("bob", { leg: leg("leg-b"), response: "accepted" });
const answered = (more: Partial<CallShape> = {}) =>
  call({ status: "connecting", participants: [participant("alice", { leg: leg("leg-a") }), BOBS()], ...more });
const entry = (shape: CallShape) => ({ call: shape, leg: leg("leg-b"), ice: ICE });
const state = (shape: CallShape) => publish({ type: "call.state", payload: { call: shape, cause: "x", by: null }, seq: 1 });
const settle = () => vi.advanceTimersByTimeAsync(100);
async function reconnect(socketState: { value: SocketState }): Promise<void> {
  for (const state of [{ state: "offline", retryAt: null }, { state: "live" }] as const) {
    socketState.value = state;
    await settle();
  }
}

let ending: (() => void)[] = [];

function open(routes: Record<string, Handler> = {}, options: { canSpeak?: boolean } = {}) {
  const server = serve({
    "GET /api/calls/live": () => json({ results: [] }),
    "GET /api/calls/missed": () => json({ count: 0 }),
    ...routes,
  });
  const pretended = media(options);
  const calls = new Calls(ME, pretended.load);
  const { socket, commands, state: socketState } = line();
  socketStarted(socket);
  ending.push(() => {
    calls.close();
    socketStopped(socket);
  });
  return { calls, server, commands, socketState, ...pretended };
}

beforeEach(() => {
  vi.useFakeTimers();
  localStorage.clear();
  sessionStorage.clear();
  acceptGrant({ user: { id: ME } as User, access_token: "t", expires_in: 3600 });
});

afterEach(() => {
  for (const end of ending) end();
  ending = [];
  vi.useRealTimers();
});

describe("a ring", () => {
  it("is there while the call rings, for whom it is meant and by the server's clock", async () => {
    const { calls } = open();
    await settle();
    state(call());
    expect(calls.ringing.value.map(({ id }) => id)).toEqual(["call-1"]);
    await vi.advanceTimersByTimeAsync(45_100);
    expect(calls.ringing.value).toEqual([]);
  });

  it("does not come of an old event", async () => {
    const { calls } = open();
    await settle();
    state(call({ ring_until: new Date(Date.now() - 1_000).toISOString() }));
    expect(calls.ringing.value).toEqual([]);
  });

  it("ends when it was answered on another device", async () => {
    const { calls } = open();
    await settle();
    state(call());
    state(answered());
    expect(calls.ringing.value).toEqual([]);
    expect(calls.mine.value?.legId).toBe("leg-b");
  });

  it("falls silent for whom was taken out of the conversation meanwhile", async () => {
    const { calls } = open({ "GET /api/calls/call-1/status": () => refusal(404, "not_found") });
    await settle();
    state(call());
    publish({ type: "call.end", payload: { call_id: "call-1", conversation_id: "room-1", user_id: ME } });
    await settle();
    expect(calls.ringing.value).toEqual([]);
  });

  it("is found after a sleep, and one that is over is not", async () => {
    const { calls, socketState } = open({
      "GET /api/calls/live": () => json({ results: [call({ id: "call-2", conversation_id: "room-2" })] }),
      "GET /api/calls/call-1/status": () => json(call({ status: "ended", end_reason: "missed" })),
    });
    await settle();
    state(call());
    await reconnect(socketState);
    expect(calls.ringing.value.map(({ id }) => id)).toEqual(["call-2"]);
  });

  it("is declined", async () => {
    const { calls, server } = open({
      "POST /api/calls/call-1/reject": () => json({ call: call({ status: "ended", end_reason: "declined" }) }),
    });
    state(call());
    await calls.reject(call());
    expect(server.count("/api/calls/call-1/reject")).toBe(1);
    expect(calls.ringing.value).toEqual([]);
  });
});

describe("calling", () => {
  const target = { conversationId: "room-1", title: "Alice" };

  it("rings nobody whom one could not speak to", async () => {
    const { calls, server, asked } = open({}, { canSpeak: false });
    await calls.start(target, "audio");
    expect(server.count("/api/calls/initiate")).toBe(0);
    expect(calls.session.value?.over.value).toEqual({ reason: "no_microphone" });
    expect(asked).toEqual(["microphone", "closed"]);
  });

  it("says that one is here at once, every ten seconds, and when something changes", async () => {
    const begun = { ...entry(call({ participants: [BOBS()] })), joined: false, reachable: [] };
    const { calls, commands } = open({ "POST /api/calls/initiate": () => json(begun, 201) });
    await calls.start(target, "video");
    await settle();
    const beats = () => commands.filter(({ type }) => type === "call.beat").map(({ payload }) => payload);
    expect(beats().at(-1)).toMatchObject({ call_id: "call-1", leg_id: "leg-b", audio_on: true, video_on: true });
    const before = beats().length;
    calls.session.value?.local.setAudio(false);
    await settle();
    expect(beats().at(-1)).toMatchObject({ audio_on: false });
    expect(beats()).toHaveLength(before + 1);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(beats()).toHaveLength(before + 2);
  });

  it("offers to move a call that runs on another device", async () => {
    const { calls } = open({ "POST /api/calls/initiate": () => refusal(409, "call_exists", { call: answered() }) });
    await calls.start(target, "audio");
    expect(calls.moveOffer.value).toMatchObject({ callId: "call-1", title: "Alice" });
    expect(calls.board.get("call-1")?.status).toBe("connecting");
  });

  it("given up before it had begun is hung up when it has", async () => {
    let answer: (response: Response) => void = () => undefined;
    const ended = vi.fn(() => json({ call: call({ status: "ended", end_reason: "cancelled" }) }));
    const { calls, server } = open({
      "POST /api/calls/initiate": () => new Promise<Response>((resolve) => (answer = resolve)),
      "POST /api/calls/call-1/end": ended,
    });
    const started = calls.start(target, "audio");
    await settle();
    await calls.hangUp();
    answer(json({ ...entry(call({ participants: [BOBS()] })), joined: false, reachable: [] }, 201));
    await started;
    expect(ended).toHaveBeenCalledTimes(1);
    expect(await server.bodies("/api/calls/call-1/end")).toEqual([{ leg_id: "leg-b", for_everyone: false }]);
    expect(calls.session.value).toBeNull();
  });
});

describe("answering", () => {
  const routes = { "POST /api/calls/call-1/answer": () => json(entry(answered())) };

  it("comes before the browser asks for the microphone", async () => {
    const { calls, commands, asked, server } = open(routes);
    await settle();
    state(call());
    await calls.answer(call(), "Alice");
    expect(server.count("/api/calls/call-1/answer")).toBe(1);
    expect(asked).toEqual(["microphone"]);
    expect(commands.find(({ type }) => type === "call.beat")?.payload).toMatchObject({ waits_for_permission: true });
    await settle();
    expect(commands.at(-1)?.payload).toMatchObject({ waits_for_permission: false });
    expect(keptPlace(ME)).toMatchObject({ callId: "call-1", legId: "leg-b" });
  });

  it("is over when another device takes the call, and says so", async () => {
    const { calls, planes } = open(routes);
    await settle();
    await calls.answer(call(), "Alice");
    state(answered({ participants: [participant("alice", { leg: leg("leg-a") }), participant("bob", { leg: leg("leg-c") })] }));
    expect(calls.session.value?.over.value).toEqual({ reason: "moved" });
    expect(planes[0]?.closed).toBe(true);
    expect(keptPlace(ME)).toBeNull();
  });

  it("is over with the call, for the reason the call gives", async () => {
    const { calls } = open(routes);
    await settle();
    await calls.answer(call(), "Alice");
    state(answered({ status: "ended", end_reason: "lost" }));
    expect(calls.session.value?.over.value).toEqual({ reason: "lost" });
  });

  it("too late brings what has become of the call", async () => {
    const over = call({ status: "ended", end_reason: "cancelled" });
    const { calls } = open({ "POST /api/calls/call-1/answer": () => refusal(409, "call_over", { call: over }) });
    await settle();
    state(call());
    await calls.answer(call(), "Alice");
    expect(calls.session.value?.over.value).toHaveProperty("error");
    expect(calls.board.get("call-1")).toBeUndefined();
  });

  it("is over at once for whom was taken out of the conversation, and asked about no more", async () => {
    const { calls, server, socketState } = open({ ...routes, "GET /api/calls/call-1/status": () => json(answered()) });
    await settle();
    await calls.answer(call(), "Alice");
    publish({ type: "call.end", payload: { call_id: "call-1", conversation_id: "room-1", user_id: ME, reason: "removed" } });
    expect(calls.session.value?.over.value).toEqual({ reason: "removed" });
    expect(calls.board.get("call-1")).toBeUndefined();
    for (let count = 0; count < 3; count += 1) await reconnect(socketState);
    expect(server.count("/api/calls/call-1/status")).toBe(0);
  });

  it("forgets a call that goes on without one in a conversation one is not in any more", async () => {
    const { calls, server, socketState } = open({ "GET /api/calls/call-1/status": () => json(answered({ participants: [] })) });
    await settle();
    state(call());
    for (let count = 0; count < 3; count += 1) await reconnect(socketState);
    expect(calls.board.get("call-1")).toBeUndefined();
    expect(server.count("/api/calls/call-1/status")).toBe(1);
  });

  it("shows what a leg told last, whether that or a state of the call comes first", async () => {
    const { calls, planes } = open(routes);
    await settle();
    await calls.answer(call(), "Alice");
    const hers = (more: object) => answered({ participants: [participant("alice", { leg: leg("leg-a", more) }), BOBS()] });
    const tell = (more: object) =>
      publish({ type: "call.media", payload: { call_id: "call-1", leg_id: "leg-a", user_id: "user-alice", ...leg("leg-a"), ...more } });
    const shown = () => calls.session.value?.others.value[0]?.leg.video_on;
    tell({ video_on: true, switched: 2 });
    expect(shown()).toBe(true);
    // It is asked of the media server at once, and not when the call changes next.
    expect(planes[0]?.follow.at(-1)?.participants[0]?.leg?.video_on).toBe(true);
    state(hers({ video_on: false, switched: 1 }));
    expect(shown()).toBe(true);
    state(hers({ video_on: false, switched: 3 }));
    expect(shown()).toBe(false);
    tell({ video_on: true, switched: 2 });
    expect(shown()).toBe(false);
  });

  it("hears frames that are meant for it, and no others, also before the server has answered", async () => {
    const frame = { call_id: "call-1", from_leg_id: "leg-a", generation: 1, n: 1 };
    const say = (type: string) => {
      for (const to_leg_id of ["leg-b", "leg-of-another-device"]) publish({ type, payload: { ...frame, to_leg_id, sdp: "o" } });
    };
    const { calls, planes } = open({ "POST /api/calls/call-1/answer": () => (say("call.offer"), json(entry(answered()))) });
    await settle();
    await calls.answer(call(), "Alice");
    say("call.ice");
    expect(planes[0]?.frames).toEqual(["call.offer", "call.ice"]);
  });
});

describe("a hang-up", () => {
  it("that did not reach the server is told first when it can be reached", async () => {
    const order: string[] = [];
    keepHangUp({ callId: "call-0", legId: "leg-0", userId: ME, at: Date.now() });
    open({
      "POST /api/calls/call-0/end": () => (order.push("end"), json({ call: call({ id: "call-0", status: "ended" }) })),
      "GET /api/calls/live": () => (order.push("live"), json({ results: [] })),
    });
    await settle();
    expect(order).toEqual(["end", "live"]);
    expect(keptHangUps(ME)).toEqual([]);
  });

  it("is kept while the server cannot be reached", async () => {
    const { calls } = open({
      "POST /api/calls/call-1/answer": () => json(entry(answered())),
      "POST /api/calls/call-1/end": () => Promise.reject(new TypeError("no network")),
    });
    await settle();
    await calls.answer(call(), "Alice");
    await calls.hangUp();
    expect(calls.session.value).toBeNull();
    expect(keptHangUps(ME).map(({ legId }) => legId)).toEqual(["leg-b"]);
  });
});

describe("a page that was loaded anew", () => {
  it("goes back with the same device, and its frames in the next thousand", async () => {
    keepPlace({ callId: "call-1", legId: "leg-b", userId: ME, epochs: { base: 0, legs: {} } });
    const { calls, planes, server } = open({
      "GET /api/calls/live": () => json({ results: [answered()] }),
      "POST /api/calls/call-1/beat": () => json({ status: "active", generation: 1 }),
      "POST /api/calls/call-1/answer": () => json(entry(answered())),
    });
    await settle();
    expect(calls.goBackTo.value?.legId).toBe("leg-b");
    // The place is kept while one looks for the button.
    expect(server.count("/api/calls/call-1/beat")).toBe(1);
    await calls.goBack("Alice");
    expect(planes[0]?.epoch).toBe(1);
    expect(keptPlace(ME)?.epochs).toEqual({ base: 1, legs: {} });
    // One leg far ahead is so for itself.
    planes[0]?.reach("leg-c", 90);
    expect(keptPlace(ME)?.epochs).toEqual({ base: 1, legs: { "leg-c": 90 } });
    expect(afterReload(keptPlace(ME)?.epochs ?? FIRST_EPOCHS)).toEqual({ base: 2, legs: { "leg-c": 91 } });
  });

  it("does not offer a call that is over", async () => {
    keepPlace({ callId: "call-1", legId: "leg-b", userId: ME, epochs: { base: 0, legs: {} } });
    const { calls } = open();
    await settle();
    expect(calls.goBackTo.value).toBeNull();
    expect(keptPlace(ME)).toBeNull();
  });
});
