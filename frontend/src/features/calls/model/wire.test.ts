import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { config } from "@/lib/config";
import { SERVER_CONFIG, SERVER_LIMITS } from "@/lib/testing/config";

import type { Signal, SignalFrame } from "./shapes";
import { Wire } from "./wire";

/** Two ends of a relay that loses what it is told to lose. */
function ends({ lose = () => false }: { lose?: (frame: SignalFrame & { type: string }) => boolean } = {}) {
  const got = { a: [] as Signal[], b: [] as Signal[] };
  const anew: string[] = [];
  const sent: (SignalFrame & { type: string })[] = [];
  const make = (me: "a" | "b", other: "a" | "b", epoch = 0): Wire =>
    new Wire({
      callId: "call",
      from: me,
      to: other,
      generation: 1,
      epoch,
      tell: (type, frame) => {
        sent.push({ type, ...frame });
        if (!lose({ type, ...frame })) wires[other].take(type, structuredClone(frame));
      },
      onSignal: (signal) => got[me].push(signal),
      onAnew: (reached) => {
        anew.push(`${me}${reached}`);
        got[me] = [];
      },
    });
  const wires = { a: make("a", "b"), b: make("b", "a") };
  return { wires, got, sent, anew, make };
}

const offer = (sdp: string): Signal => ({ type: "call.offer", sdp });
const answer = (sdp: string): Signal => ({ type: "call.answer", sdp });

function candidate(name: string) {
  return { candidate: name, sdp_mid: "0", sdp_mline_index: 0, username_fragment: null };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("signalling", () => {
  it("arrives once and in order over a relay that loses every third frame", async () => {
    let count = 0;
    const { wires, got } = ends({ lose: () => ++count % 3 === 0 });
    const names = Array.from({ length: 12 }, (_, index) => `o${index}`);
    for (const name of names) wires.a.send(offer(name));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(got.b).toEqual(names.map(offer));
  });

  it("is sent again after one, two and four seconds, and not after it was acknowledged", async () => {
    let isDeaf = true;
    const { wires, sent } = ends({ lose: () => isDeaf });
    wires.a.send(offer("o"));
    const times = () => sent.filter(({ type }) => type === "call.offer").length;
    await vi.advanceTimersByTimeAsync(999);
    expect(times()).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(times()).toBe(2);
    await vi.advanceTimersByTimeAsync(1_999);
    expect(times()).toBe(2);
    await vi.advanceTimersByTimeAsync(1);
    expect(times()).toBe(3);
    isDeaf = false;
    await vi.advanceTimersByTimeAsync(4_000);
    expect(times()).toBe(4);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(times()).toBe(4);
  });

  it("acknowledges in what it says next, and by itself after 300 ms", async () => {
    const { wires, sent } = ends();
    wires.a.send(offer("o"));
    wires.b.send(answer("a"));
    expect(sent.at(-1)).toMatchObject({ type: "call.answer", from_leg_id: "b", n: 1, ack: 1 });
    await vi.advanceTimersByTimeAsync(299);
    expect(sent).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(1);
    expect(sent.at(-1)).toMatchObject({ type: "call.ice", from_leg_id: "a", ack: 1 });
    expect(sent.at(-1)).not.toHaveProperty("n");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sent).toHaveLength(3);
  });

  it("sends candidates together, no more in a frame than the server takes", async () => {
    config.value = { ...SERVER_CONFIG, limits: { ...SERVER_LIMITS, max_ice_candidates: 12 } };
    const { wires, sent, got } = ends();
    for (let index = 0; index < 25; index += 1) wires.a.trickle(candidate(`c${index}`));
    wires.a.trickle(null);
    await vi.advanceTimersByTimeAsync(50);
    const frames = sent.filter(({ candidates }) => candidates !== undefined);
    expect(frames.map(({ candidates }) => candidates?.length)).toEqual([12, 12, 2]);
    expect(got.b.flatMap((signal) => (signal.type === "call.ice" ? signal.candidates : [])).at(-1)).toBeNull();
  });

  it("says what was found before what is said next", () => {
    const { wires, got } = ends();
    wires.a.trickle(candidate("c"));
    wires.a.send(offer("o"));
    expect(got.b.map(({ type }) => type)).toEqual(["call.ice", "call.offer"]);
  });

  it("of another generation is void", () => {
    const { wires, got } = ends();
    wires.b.take("call.offer", { call_id: "call", from_leg_id: "a", to_leg_id: "b", generation: 2, n: 1, sdp: "late" });
    expect(got.b).toEqual([]);
  });

  it("goes on in the next thousand after a reload, at both ends", async () => {
    const { wires, got, anew, make } = ends();
    wires.a.send(offer("old"));
    wires.b.send(answer("old"));
    await vi.advanceTimersByTimeAsync(1_000);
    wires.b.close();
    wires.b = make("b", "a", 1);
    wires.b.hello();
    expect(anew).toEqual(["a1"]);
    expect(wires.a.currentEpoch).toBe(1);
    wires.a.send(offer("new"));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(got.b.at(-1)).toEqual(offer("new"));
    expect(anew).toEqual(["a1"]);
  });

  it("knows a frame of the page before as void", async () => {
    const { wires, got, make } = ends({ lose: ({ to_leg_id: to }) => to === "b" });
    wires.a.send(offer("to the old page"));
    wires.b.close();
    wires.b = make("b", "a", 1);
    wires.b.take("call.offer", { call_id: "call", from_leg_id: "a", to_leg_id: "b", generation: 1, n: 1, sdp: "to the old page" });
    await vi.advanceTimersByTimeAsync(100);
    expect(got.b).toEqual([]);
  });
});
