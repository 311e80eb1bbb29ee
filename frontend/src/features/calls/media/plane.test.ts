import { signal } from "@preact/signals";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { config } from "@/lib/config";
import { SERVER_CONFIG, SERVER_LIMITS } from "@/lib/testing/config";

import type { CallShape, SignalFrame } from "../model/shapes";
import type { DriverOptions, SfuDriver } from "../sfu/driver";
import { FakeDoor, MIC, OUT } from "../testing/door";
import { FakeConnection } from "../testing/rtc";
import { call, ICE, leg, participant, person } from "../testing/shapes";
import type { LocalMedia } from "./local";
import { Plane } from "./plane";
import type { RemoteLeg } from "./remote";
import type { Slot } from "./slots";
import { tallyOf } from "./stats";
import type { Tally } from "./stats";

const OTHERS = ["leg-b", "leg-c"];
const ice = { ...ICE, ice_servers: [] };

function through(generation: number, more: Partial<CallShape> = {}): CallShape {
  const participants = ["a", "b", "c"].map((name) => participant(name, { leg: leg(`leg-${name}`) }));
  return call({ status: "active", generation, initiator: person("a"), participants, ...more });
}

/** A media server of which the test says who is let in, who is heard, and when it is gone. */
class FakeDriver implements SfuDriver {
  static all: FakeDriver[] = [];
  static refuses = false;
  readonly sums = new Map<string, Tally>();
  hasLeft = false;
  sent = OUT;
  constructor(readonly options: DriverOptions) {
    this.sent = options.outgoing;
    FakeDriver.all.push(this);
  }
  join = () => (FakeDriver.refuses ? Promise.reject(new Error("no")) : Promise.resolve());
  send = (outgoing: typeof OUT) => void (this.sent = outgoing);
  follow = () => undefined;
  show = () => undefined;
  wake = () => undefined;
  refresh = () => undefined;
  stats = () => Promise.resolve(new Map(this.sums));
  levels = () => new Map<string, number>();
  connections = () => [];
  leave = () => void (this.hasLeft = true);

  brings(legId: string, slot: Slot, name: string): void {
    this.options.onTrack(legId, slot, track(name));
  }
  carries(legId: string, audioMs: number): void {
    const before = this.sums.get(legId)?.audioPackets ?? 0;
    this.sums.set(legId, { ...tallyOf(new Map(), 0), audioPackets: before + 10, audioMs, route: "sfu" });
  }
}

function track(name: string): MediaStreamTrack {
  return Object.assign(new EventTarget(), { kind: "audio", name }) as unknown as MediaStreamTrack;
}

function plane({ transport = "p2p" }: { transport?: CallShape["transport"] } = {}) {
  const told: { type: string; frame: SignalFrame }[] = [];
  const played: string[] = [];
  const seen = { noMedia: vi.fn(), heard: vi.fn() };
  const door = new FakeDoor();
  const now = { generation: 1 };
  const outgoing = signal(OUT);
  const mayShow = signal(true);
  const pass = vi.fn(() => door.pass(now.generation));
  const made = new Plane(
    {
      callId: "call-1",
      me: "leg-a",
      userId: "user-a",
      epochOf: () => 0,
      ice,
      local: { outgoing, mayShow } as unknown as LocalMedia,
      freshIce: () => Promise.resolve(ice),
      pass,
      loadDriver: () => Promise.resolve((options) => new FakeDriver(options)),
      tell: (type, frame) => told.push({ type, frame }),
      onEpoch: () => undefined,
      onNoMedia: seen.noMedia,
      onHeard: seen.heard,
    },
    { generation: 1, transport },
  );
  const follow = (generation: number, way: CallShape["transport"]) => {
    now.generation = generation;
    made.follow(through(generation, { transport: way }));
    for (const [id, one] of made.legs.value) listenTo(id, one, played);
  };
  follow(1, transport);
  return { plane: made, mayShow, told, played, pass, follow, outgoing, ...seen };
}

const listened = new WeakSet<RemoteLeg>();
function listenTo(id: string, one: RemoteLeg, played: string[]): void {
  if (listened.has(one)) return;
  listened.add(one);
  vi.spyOn(one, "receive").mockImplementation((slot, given) => played.push(`${id} ${slot} ${(given as unknown as { name: string }).name}`));
}

/** The connections between the devices, and what has come by them. */
function meshes(): FakeConnection[] {
  return FakeConnection.all.filter(({ connectionState }) => connectionState !== "closed");
}
function directSound(packets: number, by = meshes()): void {
  for (const pc of by) {
    pc.stats = [{ type: "inbound-rtp", kind: "audio", packetsReceived: packets, totalSamplesReceived: packets * 960, totalSamplesDuration: packets / 50 }];
  }
}

const last = () => FakeDriver.all.at(-1) ?? expect.fail("nobody joined");
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

/** Two others are heard directly. */
async function talking() {
  const made = plane();
  directSound(50);
  await pass(1_000);
  expect(made.plane.arrives()).toEqual({ generation: 1, media_from: OTHERS });
  return made;
}

/** Sound goes on coming by the old way. */
async function meanwhile(ms: number, by = meshes()): Promise<void> {
  for (let at = 0; at < ms; at += 100) {
    const before = by[0]?.stats[0] as { packetsReceived?: number } | undefined;
    directSound((before?.packetsReceived ?? 0) + 5, by);
    await pass(100);
  }
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("RTCPeerConnection", FakeConnection);
  FakeConnection.all = [];
  FakeDriver.all = [];
  FakeDriver.refuses = false;
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("who is not heard any more", () => {
  it("is not said to be heard after three seconds: their device may have died", async () => {
    const { plane: made, heard } = await talking();
    const [toB] = meshes();
    for (let packets = 100; packets <= 400; packets += 50) {
      directSound(packets, toB ? [toB] : []);
      await pass(1_000);
    }
    expect(made.arrives().media_from).toEqual(["leg-b"]);
    expect(heard).toHaveBeenCalled();
    made.close();
  });

  it("nor is anybody while the media server cannot be reached", async () => {
    const { plane: made } = plane({ transport: "sfu" });
    await pass(100);
    for (const id of OTHERS) last().carries(id, 500);
    await pass(1_000);
    expect(made.arrives().media_from).toEqual(OTHERS);
    FakeDriver.refuses = true;
    last().options.onGone();
    await pass(4_000);
    expect(made.arrives().media_from).toEqual([]);
    made.close();
  });
});

describe("a call that moves to the media server", () => {
  it("publishes the same tracks there, and breaks nothing", async () => {
    const { follow, plane: made } = await talking();
    const before = meshes();
    follow(2, "sfu");
    await meanwhile(500);
    expect(last().sent.audio).toBe(MIC);
    expect(meshes()).toEqual(before);
    expect(made.arrives()).toEqual({ generation: 1, media_from: [] });
    expect([...made.legs.value.values()].every(({ isHeard }) => isHeard.value)).toBe(true);
    made.close();
  });

  it("plays what comes by the new way after 200 ms of decoded sound, for each leg by itself", async () => {
    const { follow, plane: made, played, heard } = await talking();
    played.length = 0;
    follow(2, "sfu");
    await meanwhile(200);
    for (const id of OTHERS) last().brings(id, "audio", "new");
    last().carries("leg-b", 180);
    await meanwhile(300);
    expect(played).toEqual([]);
    const count = heard.mock.calls.length;
    last().carries("leg-b", 220);
    await meanwhile(200);
    expect(played).toEqual(["leg-b audio new"]);
    expect(made.arrives()).toEqual({ generation: 2, media_from: ["leg-b"] });
    expect(heard.mock.calls.length).toBe(count + 1);
    expect(meshes()).toHaveLength(2);
    last().carries("leg-c", 200);
    await meanwhile(200);
    expect(played).toEqual(["leg-b audio new", "leg-c audio new"]);
    expect(made.arrives().media_from.sort()).toEqual(OTHERS);
    expect(meshes()).toEqual([]);
    made.close();
  });

  it("gives the old way up fifteen seconds after the first was heard on the new one", async () => {
    const { follow, plane: made, played } = await talking();
    follow(2, "sfu");
    await meanwhile(200);
    for (const id of OTHERS) last().brings(id, "audio", "new");
    last().carries("leg-b", 300);
    await meanwhile(14_800);
    expect(meshes()).toHaveLength(2);
    expect(played).not.toContain("leg-c audio new");
    await meanwhile(500);
    expect(meshes()).toEqual([]);
    expect(played).toContain("leg-c audio new");
    made.close();
  });

  it("waits no longer when the one who was missing has left", async () => {
    const { follow, plane: made } = await talking();
    follow(2, "sfu");
    await meanwhile(200);
    last().carries("leg-b", 300);
    await meanwhile(200);
    const participants = ["a", "b"].map((name) => participant(name, { leg: leg(`leg-${name}`) }));
    made.follow(through(2, { transport: "sfu", participants }));
    expect(meshes()).toEqual([]);
    made.close();
  });

  it("sends what a button changes on both ways meanwhile", async () => {
    const { follow, outgoing, plane: made } = await talking();
    follow(2, "sfu");
    await meanwhile(200);
    const camera = { kind: "video", getSettings: () => ({ height: 720 }) } as unknown as MediaStreamTrack;
    outgoing.value = { ...OUT, camera };
    expect(last().sent.camera).toBe(camera);
    expect(meshes().every((pc) => pc.getTransceivers()[1]?.sender.track === camera)).toBe(true);
    made.close();
  });

  it("goes on directly when it is not let in, says so, and tries again until it is", async () => {
    const { follow, plane: made, pass: asked } = await talking();
    FakeDriver.refuses = true;
    follow(2, "sfu");
    await meanwhile(3_500);
    expect(made.isServerAway.value).toBe(true);
    expect(meshes()).toHaveLength(2);
    expect(made.arrives().generation).toBe(1);
    expect(asked.mock.calls.length).toBeGreaterThanOrEqual(3);
    FakeDriver.refuses = false;
    await meanwhile(5_000);
    expect(made.isServerAway.value).toBe(false);
    expect(last().hasLeft).toBe(false);
    made.close();
  });

  it("takes no late frame of another generation for one of its own", async () => {
    const { follow, plane: made } = await talking();
    follow(2, "sfu");
    const before = FakeConnection.all.length;
    made.take("call.offer", {
      call_id: "call-1", from_leg_id: "leg-b", to_leg_id: "leg-a", generation: 9, n: 1, sdp: "late",
    });
    await meanwhile(200);
    expect(FakeConnection.all).toHaveLength(before);
    made.close();
  });
});

describe("a call that comes back to the devices", () => {
  async function served() {
    const made = plane({ transport: "sfu" });
    await pass(0);
    for (const id of OTHERS) {
      last().brings(id, "audio", "server");
      last().carries(id, 1_000);
    }
    await pass(1_000);
    expect(made.plane.arrives().media_from).toEqual(OTHERS);
    return made;
  }

  it("keeps the media server's sound until the devices are heard", async () => {
    const made = await served();
    const driver = last();
    made.follow(2, "p2p");
    await pass(300);
    expect(driver.hasLeft).toBe(false);
    expect(meshes()).toHaveLength(2);
    directSound(5);
    await pass(200);
    expect(driver.hasLeft).toBe(false);
    directSound(15);
    await pass(200);
    expect(driver.hasLeft).toBe(true);
    expect(made.plane.arrives()).toEqual({ generation: 2, media_from: OTHERS });
    made.plane.close();
  });

  it("asks for no more passes to a server that is gone", async () => {
    const made = await served();
    FakeDriver.refuses = true;
    last().options.onGone();
    await pass(2_500);
    const asked = made.pass.mock.calls.length;
    expect(made.plane.isServerAway.value).toBe(true);
    made.follow(2, "p2p");
    expect(made.plane.isServerAway.value).toBe(false);
    await pass(20_000);
    expect(made.pass.mock.calls.length).toBe(asked);
    made.plane.close();
  });

  it("goes on directly all the while when nobody ever came to the server", async () => {
    const made = await talking();
    const before = meshes();
    FakeDriver.refuses = true;
    made.follow(2, "sfu");
    await meanwhile(2_000);
    made.follow(3, "p2p");
    await meanwhile(1_000, before);
    expect(before.every(({ connectionState }) => connectionState !== "closed")).toBe(true);
    expect(meshes()).toHaveLength(4);
    made.plane.close();
    expect(meshes()).toEqual([]);
  });
});

it("complains when nothing comes through the server for ten seconds", async () => {
  const { plane: made, noMedia } = plane({ transport: "sfu" });
  await pass(9_000);
  expect(noMedia).not.toHaveBeenCalled();
  await pass(2_000);
  expect(noMedia).toHaveBeenCalledTimes(1);
  made.close();
});

it("carries pictures between as many as the server says, and of all through a media server", () => {
  config.value = { ...SERVER_CONFIG, limits: { ...SERVER_LIMITS, max_mesh_video: 2 } };
  const { plane: made, mayShow, follow } = plane();
  expect(mayShow.value).toBe(false);
  follow(2, "sfu");
  expect(mayShow.value).toBe(true);
  config.value = SERVER_CONFIG;
  follow(2, "p2p");
  expect(mayShow.value).toBe(true);
  made.close();
});
