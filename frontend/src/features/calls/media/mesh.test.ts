import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { SignalFrame } from "../model/shapes";
import { FakeConnection } from "../testing/rtc";
import { ICE } from "../testing/shapes";
import { Mesh } from "./mesh";
import type { Outgoing } from "./slots";

const MIC = { kind: "audio", name: "microphone" } as unknown as MediaStreamTrack;
const CAMERA = { kind: "video", getSettings: () => ({ height: 720 }) } as unknown as MediaStreamTrack;
const OUT: Outgoing = { audio: MIC, camera: null, screen: null, sound: null };
const ice = { ...ICE, ice_servers: [] };

/** Devices in a call, over a relay that loses what it is told to. */
function devices(names: readonly string[], { lose = () => false, epoch = 0 }: { lose?: () => boolean; epoch?: number } = {}) {
  const sent: { type: string; from: string; to: string; n: number | null }[] = [];
  const meshes = new Map<string, Mesh>();
  const epochs: string[] = [];
  const freshIce = vi.fn(() => Promise.resolve(ice));
  const make = (me: string, begin = epoch) => {
    const mesh = new Mesh({
      callId: "call",
      me,
      generation: 1,
      epochOf: () => begin,
      ice,
      outgoing: OUT,
      freshIce,
      tell: (type, frame: SignalFrame) => {
        sent.push({ type, from: frame.from_leg_id, to: frame.to_leg_id, n: frame.n ?? null });
        if (!lose()) meshes.get(frame.to_leg_id)?.take(type, structuredClone(frame));
      },
      onTrack: () => undefined,
      onEpoch: (legId, reached) => epochs.push(`${me} with ${legId}: ${reached}`),
    });
    meshes.set(me, mesh);
    return mesh;
  };
  const follow = () => {
    for (const [me, mesh] of meshes) mesh.follow(names.filter((name) => name !== me));
  };
  for (const name of names) make(name);
  const pc = (me: string, other: string) => meshes.get(me)?.connections().get(other) as unknown as FakeConnection;
  return { meshes, sent, epochs, freshIce, make, follow, pc };
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("RTCPeerConnection", FakeConnection);
  FakeConnection.all = [];
});
afterEach(() => void vi.useRealTimers());

describe("a mesh", () => {
  it("offers what is found in the moment after the first candidate, and tells of the rest as it comes", async () => {
    const { follow, pc, sent } = devices(["a", "b"]);
    follow();
    const found = (candidate: object | null) =>
      pc("a", "b").dispatchEvent(Object.assign(new Event("icecandidate"), { candidate }));
    const told = () => sent.filter(({ from }) => from === "a").map(({ type }) => type);
    pc("a", "b").iceGatheringState = "gathering";
    await vi.advanceTimersByTimeAsync(190);
    expect(told()).toEqual([]);
    for (const candidate of ["first", "second"]) found({ candidate });
    await vi.advanceTimersByTimeAsync(19);
    expect(told()).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(told()).toEqual(["call.offer"]);
    for (const candidate of [{ candidate: "late" }, null]) found(candidate);
    await vi.advanceTimersByTimeAsync(50);
    expect(told()).toEqual(["call.offer", "call.ice"]);
    expect(pc("b", "a").candidates).toMatchObject([{ candidate: "late" }, undefined]);
  });

  it("offers what there is when no candidate is found", async () => {
    const { follow, pc, sent } = devices(["a", "b"]);
    follow();
    pc("a", "b").iceGatheringState = "gathering";
    await vi.advanceTimersByTimeAsync(199);
    expect(sent).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(sent[0]?.type).toBe("call.offer");
  });

  it("connects every two, and the older leg alone makes the offer", async () => {
    const { follow, pc, sent } = devices(["a", "b", "c"]);
    follow();
    await vi.advanceTimersByTimeAsync(500);
    for (const [me, other] of [["a", "b"], ["b", "a"], ["a", "c"], ["c", "a"], ["b", "c"], ["c", "b"]] as const) {
      expect(pc(me, other).connectionState).toBe("connected");
    }
    const offers = sent.filter(({ type }) => type === "call.offer").map(({ from, to }) => `${from}${to}`);
    expect(offers.sort()).toEqual(["ab", "ac", "bc"]);
  });

  it("connects over a relay that loses every other frame", async () => {
    let count = 0;
    const { follow, pc } = devices(["a", "b"], { lose: () => ++count % 2 === 1 });
    follow();
    await vi.advanceTimersByTimeAsync(30_000);
    expect(pc("a", "b").connectionState).toBe("connected");
    expect(pc("b", "a").connectionState).toBe("connected");
  });

  it("has four places from the start, and a button changes what is in one without an offer", async () => {
    const { follow, pc, meshes, sent } = devices(["a", "b"]);
    follow();
    await vi.advanceTimersByTimeAsync(500);
    for (const end of [pc("a", "b"), pc("b", "a")]) {
      expect(end.getTransceivers()).toHaveLength(4);
      expect(end.getTransceivers().map(({ direction }) => direction)).toEqual(Array(4).fill("sendrecv"));
      expect(end.getTransceivers()[0]?.sender.track).toBe(MIC);
    }
    const before = sent.filter(({ type }) => type === "call.offer").length;
    meshes.get("b")?.send({ ...OUT, camera: CAMERA });
    await vi.advanceTimersByTimeAsync(500);
    expect(pc("b", "a").getTransceivers()[1]?.sender.track).toBe(CAMERA);
    expect(sent.filter(({ type }) => type === "call.offer")).toHaveLength(before);
  });

  it("sends less to each when it sends to more", async () => {
    const { follow, pc } = devices(["a", "b", "c"]);
    follow();
    await vi.advanceTimersByTimeAsync(500);
    expect(pc("a", "b").getTransceivers()[1]?.parameters).toMatchObject({ encodings: [{ maxBitrate: 350_000, maxFramerate: 15 }] });
  });

  it("looks for another way with fresh credentials after two seconds without a packet, not before", async () => {
    const { follow, pc, meshes, freshIce } = devices(["a", "b"]);
    follow();
    await vi.advanceTimersByTimeAsync(500);
    const hear = (packets: number) => (pc("a", "b").stats = [{ type: "inbound-rtp", kind: "audio", packetsReceived: packets }]);
    const look = () => meshes.get("a")?.look(performance.now());
    hear(50);
    expect((await look())?.get("b")?.hears).toBe(true);
    await vi.advanceTimersByTimeAsync(1_900);
    await look();
    expect(freshIce).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(100);
    expect((await look())?.get("b")?.hears).toBe(false);
    await vi.advanceTimersByTimeAsync(50);
    expect(freshIce).toHaveBeenCalledTimes(1);
    expect(pc("a", "b").restarts).toBe(1);
  });

  it("settles two restarts at once", async () => {
    const { follow, pc, meshes } = devices(["a", "b"]);
    follow();
    await vi.advanceTimersByTimeAsync(500);
    for (const mesh of meshes.values()) mesh.wake();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(pc("a", "b").signalingState).toBe("stable");
    expect(pc("b", "a").signalingState).toBe("stable");
  });

  it("begins anew with a leg whose page was loaded anew, whoever of both that was", async () => {
    for (const reloaded of ["a", "b"]) {
      const other = reloaded === "a" ? "b" : "a";
      const { follow, pc, meshes, make, epochs } = devices(["a", "b"]);
      follow();
      await vi.advanceTimersByTimeAsync(500);
      const before = pc(other, reloaded);
      meshes.get(reloaded)?.close();
      make(reloaded, 1).follow([other]);
      await vi.advanceTimersByTimeAsync(3_000);
      expect(before.connectionState).toBe("closed");
      expect(pc(other, reloaded).connectionState).toBe("connected");
      expect(pc(reloaded, other).connectionState).toBe("connected");
      expect(epochs).toEqual([`${other} with ${reloaded}: 1`]);
    }
  });

  it("lets one who claims to have begun anew very often carry nobody away", async () => {
    const { follow, pc, meshes, sent, epochs } = devices(["a", "b", "c"]);
    follow();
    await vi.advanceTimersByTimeAsync(500);
    const before = ["b", "c"].map((other) => pc("a", other));
    const frame = { call_id: "call", from_leg_id: "c", to_leg_id: "a", generation: 1, candidates: [] };
    meshes.get("a")?.take("call.ice", { ...frame, n: 2_000_000_001 });
    expect(["b", "c"].map((other) => pc("a", other))).toEqual(before);
    meshes.get("a")?.take("call.ice", { ...frame, n: 50_001 });
    expect(epochs).toEqual(["a with c: 50"]);
    expect(pc("a", "b")).toBe(before[0]);
    sent.length = 0;
    meshes.get("a")?.wake();
    await vi.advanceTimersByTimeAsync(1_000);
    const numbers = sent.filter(({ from, to, n }) => from === "a" && to === "b" && n !== null).map(({ n }) => n);
    expect(numbers.length).toBeGreaterThan(0);
    expect(Math.max(...numbers.map(Number))).toBeLessThan(1_000);
  });

  it("makes a connection that broke anew", async () => {
    const { follow, pc, meshes } = devices(["a", "b"]);
    follow();
    await vi.advanceTimersByTimeAsync(500);
    const before = pc("b", "a");
    before.refuses = true;
    meshes.get("a")?.wake();
    await vi.advanceTimersByTimeAsync(3_000);
    expect(before.connectionState).toBe("closed");
    expect(pc("b", "a").connectionState).toBe("connected");
    expect(pc("a", "b").connectionState).toBe("connected");
  });

  it("lets go of who has left", async () => {
    const { follow, pc, meshes } = devices(["a", "b", "c"]);
    follow();
    await vi.advanceTimersByTimeAsync(500);
    const gone = pc("a", "c");
    meshes.get("a")?.follow(["b"]);
    expect(gone.connectionState).toBe("closed");
    expect([...(meshes.get("a")?.connections().keys() ?? [])]).toEqual(["b"]);
  });
});
