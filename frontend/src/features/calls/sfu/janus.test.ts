import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { Outgoing } from "../media/slots";
import { CAMERA, FakeDoor, MIC, OUT, publisher } from "../testing/door";
import { FakeConnection } from "../testing/rtc";
import { ICE, leg } from "../testing/shapes";
import { drive } from "./janus";

const ice = { ...ICE, ice_servers: [] };
const SCREEN = { kind: "video" } as unknown as MediaStreamTrack;

let door: FakeDoor;

beforeEach(() => {
  vi.useFakeTimers();
  door = new FakeDoor();
  FakeConnection.all = [];
  FakeConnection.placesOf = () => door.streams.length;
  vi.stubGlobal("RTCPeerConnection", FakeConnection);
  vi.stubGlobal("WebSocket", door.Socket);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  FakeConnection.placesOf = () => 4;
});

function device(outgoing: Outgoing = OUT) {
  const tracks: string[] = [];
  const gone = vi.fn();
  const freshPass = vi.fn(() => door.pass());
  const driver = drive({
    ice,
    outgoing,
    freshPass,
    onTrack: (legId, slot) => tracks.push(`${legId} ${slot}`),
    onGone: gone,
  });
  return { driver, tracks, gone, freshPass };
}

async function inside(outgoing: Outgoing = OUT) {
  const made = device(outgoing);
  await made.driver.join(await door.pass());
  await vi.advanceTimersByTimeAsync(0);
  return made;
}

const up = () => FakeConnection.all.find((one) => one.getTransceivers()[0]?.sender.track === MIC);
const streamsOf = (name: string) => door.requests(name).flatMap(({ body }) => body?.streams ?? []);

describe("a device that joins", () => {
  it("comes with its pass as it was given, and publishes four places, the camera in two sizes", async () => {
    const added: unknown[] = [];
    const add = vi.spyOn(FakeConnection.prototype, "addTransceiver");
    await inside({ ...OUT, camera: CAMERA });
    for (const given of add.mock.calls as unknown[][]) added.push(given[1]);
    expect(new URL(door.passes[0] ?? "").search).toBe("?token=pass-1");
    expect(new URL(door.passes[0] ?? "").protocol).toBe("ws:");
    const [published] = door.requests("publish");
    expect(published?.jsep?.type).toBe("offer");
    expect(published?.body).toMatchObject({
      bitrate: 700_000,
      descriptions: [
        { mid: "0", description: "audio" },
        { mid: "1", description: "camera" },
        { mid: "2", description: "screen" },
        { mid: "3", description: "sound" },
      ],
    });
    expect(added[1]).toEqual({
      direction: "sendonly",
      sendEncodings: [
        { rid: "h", maxBitrate: 500_000, maxFramerate: 24, scaleResolutionDownBy: 2 },
        { rid: "l", maxBitrate: 130_000, maxFramerate: 24, scaleResolutionDownBy: 4 },
      ],
    });
    add.mockRestore();
  });

  it("is told why when it is not let in, and leaves nothing open", async () => {
    door.refusal = { code: 403, reason: "This way into the call is not open (any more)." };
    const { driver, gone } = device();
    await expect(driver.join(await door.pass())).rejects.toThrow("not open");
    expect(door.sockets[0]?.readyState).toBe(3);
    expect(gone).not.toHaveBeenCalled();
  });

  it("does not wait for ever where nobody answers", async () => {
    door.answer = () => undefined;
    const { driver } = device();
    const joined = expect(driver.join(await door.pass())).rejects.toThrow("does not answer");
    await vi.advanceTimersByTimeAsync(10_000);
    await joined;
  });

  it("asks for more when a screen is shared, and for less afterwards", async () => {
    const { driver } = await inside();
    driver.send({ ...OUT, screen: SCREEN });
    await vi.advanceTimersByTimeAsync(0);
    expect(up()?.getTransceivers()[2]?.sender.track).toBe(SCREEN);
    driver.send(OUT);
    await vi.advanceTimersByTimeAsync(0);
    expect(door.requests("configure").map(({ body }) => body?.bitrate)).toEqual([3_200_000, 700_000]);
    expect(door.requests("publish")).toHaveLength(1);
  });
});

describe("the others", () => {
  it("come over one connection, and only those that the call knows", async () => {
    door.publishers = [publisher("leg-b"), publisher("stranger")];
    const { driver, tracks } = device();
    driver.follow(["leg-b", "leg-c"]);
    await driver.join(await door.pass());
    await vi.advanceTimersByTimeAsync(0);
    expect(tracks).toEqual(["leg-b audio", "leg-b camera"]);
    door.news({ publishers: [publisher("leg-c")] });
    await vi.advanceTimersByTimeAsync(0);
    expect(tracks).toEqual(["leg-b audio", "leg-b camera", "leg-c audio", "leg-c camera"]);
    expect(door.requests("join").filter(({ body }) => body?.ptype === "subscriber")).toHaveLength(1);
    expect(driver.connections()).toHaveLength(2);
    expect(streamsOf("join").some(({ feed }) => feed === "stranger")).toBe(false);
  });

  it("are followed when the room knows them before the call does", async () => {
    const { driver, tracks } = await inside();
    door.news({ publishers: [publisher("leg-b")] });
    await vi.advanceTimersByTimeAsync(0);
    expect(tracks).toEqual([]);
    driver.follow(["leg-b"]);
    await vi.advanceTimersByTimeAsync(0);
    expect(tracks).toEqual(["leg-b audio", "leg-b camera"]);
  });

  it("go, and whoever comes next may stand in their place", async () => {
    const { driver, tracks } = await inside();
    driver.follow(["leg-b", "leg-c"]);
    door.news({ publishers: [publisher("leg-b")] });
    await vi.advanceTimersByTimeAsync(0);
    door.drop("leg-b");
    door.news({ unpublished: "leg-b" });
    door.tell({
      janus: "event",
      sender: door.down,
      plugindata: { data: { videoroom: "updated", streams: door.streams } },
      jsep: { type: "offer", sdp: "without leg-b" },
    });
    await vi.advanceTimersByTimeAsync(0);
    expect(await driver.stats(0)).toEqual(new Map());
    door.news({ publishers: [publisher("leg-c")] });
    await vi.advanceTimersByTimeAsync(0);
    expect(tracks.slice(2)).toEqual(["leg-c audio", "leg-c camera"]);
    expect(door.streams).toHaveLength(2);
    expect(door.requests("start")).toHaveLength(3);
  });

  it("are asked for their screen while they share one", async () => {
    const { driver, tracks } = await inside();
    driver.follow(["leg-b"]);
    door.news({ publishers: [publisher("leg-b")] });
    driver.show([leg("leg-b", { screen_on: true })], undefined);
    await vi.advanceTimersByTimeAsync(0);
    expect(tracks).toContain("leg-b screen");
    expect(tracks).toContain("leg-b sound");
    driver.show([leg("leg-b")], undefined);
    await vi.advanceTimersByTimeAsync(0);
    expect(streamsOf("unsubscribe")).toEqual([
      { feed: "leg-b", mid: "2" },
      { feed: "leg-b", mid: "3" },
    ]);
  });

  it("send small pictures for small tiles, and none beyond the ninth", async () => {
    const { driver } = await inside();
    const names = Array.from({ length: 12 }, (_, index) => `leg-${index}`);
    driver.follow(names);
    driver.show(names.map((id) => leg(id, { video_on: true })), "leg-10");
    door.news({ publishers: names.map(publisher) });
    await vi.advanceTimersByTimeAsync(0);
    const wishes = new Map(streamsOf("configure").map((wish) => [wish.mid, wish]));
    const wishFor = (id: string) => wishes.get(door.streams.find((one) => one.feed_id === id && one.feed_mid === "1")?.mid);
    expect(wishFor("leg-10")).toMatchObject({ send: true, substream: 2 });
    expect(wishFor("leg-0")).toMatchObject({ send: true, substream: 0 });
    expect(wishFor("leg-7")).toMatchObject({ send: true, substream: 0 });
    expect(wishFor("leg-8")).toMatchObject({ send: false });
    expect([...wishes.values()].filter(({ send }) => send === true)).toHaveLength(9);
  });

  it("are counted each by itself", async () => {
    const { driver } = await inside();
    driver.follow(["leg-b", "leg-c"]);
    door.news({ publishers: [publisher("leg-b"), publisher("leg-c")] });
    await vi.advanceTimersByTimeAsync(0);
    const down = FakeConnection.all.find((one) => one !== up());
    const sound = { type: "inbound-rtp", kind: "audio", totalSamplesReceived: 48_000, totalSamplesDuration: 1 };
    if (down) {
      down.stats = door.streams
        .filter(({ type }) => type === "audio")
        .map(({ mid, feed_id: id }) => ({ ...sound, mid, packetsReceived: id === "leg-b" ? 50 : 3, concealedSamples: 24_000 }));
    }
    const sums = await driver.stats(1000);
    expect(sums.get("leg-b")).toMatchObject({ audioPackets: 50, audioMs: 500, route: "sfu" });
    expect(sums.get("leg-c")).toMatchObject({ audioPackets: 3 });
  });
});

describe("when the door is lost", () => {
  it("the session is claimed with a new pass, and those are asked for who came meanwhile", async () => {
    const { driver, tracks, gone, freshPass } = await inside();
    driver.follow(["leg-b", "leg-c"]);
    door.news({ publishers: [publisher("leg-b")] });
    await vi.advanceTimersByTimeAsync(0);
    const before = driver.connections();
    door.sockets[0]?.close();
    await vi.advanceTimersByTimeAsync(100);
    expect(freshPass).toHaveBeenCalledTimes(1);
    expect(new Set(door.passes).size).toBe(2);
    expect(door.requests("claim")[0]?.session_id).toBe(7);
    expect(door.requests("create")).toHaveLength(1);
    expect(driver.connections()).toEqual(before);
    expect(tracks).toContain("leg-c audio");
    expect(gone).not.toHaveBeenCalled();
  });

  it("it is tried for half a minute, then given up", async () => {
    const { gone, driver } = await inside();
    door.refusal = { code: 503, reason: "away" };
    door.sockets[0]?.close();
    await vi.advanceTimersByTimeAsync(25_000);
    expect(gone).not.toHaveBeenCalled();
    expect(door.sockets.length).toBeGreaterThan(5);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(gone).toHaveBeenCalledTimes(1);
    expect(driver.connections().every((pc) => pc.connectionState === "closed")).toBe(true);
  });

  it("a session that is gone is given up at once", async () => {
    const { gone } = await inside();
    door.sessions.clear();
    door.sockets[0]?.close();
    await vi.advanceTimersByTimeAsync(100);
    expect(gone).toHaveBeenCalledTimes(1);
  });

  it("and the call goes another way by now, nothing is claimed", async () => {
    const { gone, freshPass } = await inside();
    freshPass.mockImplementation(() => door.pass(3));
    door.sockets[0]?.close();
    await vi.advanceTimersByTimeAsync(100);
    expect(door.requests("claim")).toHaveLength(0);
    expect(gone).toHaveBeenCalledTimes(1);
  });

  it("a line on which nobody answers is not believed to be open", async () => {
    await inside();
    const answer = door.answer.bind(door);
    door.answer = (socket, frame) => (frame.janus === "keepalive" ? undefined : answer(socket, frame));
    await vi.advanceTimersByTimeAsync(31_000);
    expect(door.requests("claim").length).toBeGreaterThan(0);
  });
});

it("whoever leaves ends the session and does not come back", async () => {
  const { driver, gone } = await inside();
  driver.leave();
  await vi.advanceTimersByTimeAsync(40_000);
  expect(door.sockets).toHaveLength(1);
  expect(door.sockets[0]?.readyState).toBe(3);
  expect(FakeConnection.all.every(({ connectionState }) => connectionState === "closed")).toBe(true);
  expect(gone).not.toHaveBeenCalled();
});
