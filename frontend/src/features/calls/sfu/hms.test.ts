import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { Outgoing } from "../media/slots";
import type { MediaPass } from "../model/shapes";
import { CAMERA, MIC, OUT } from "../testing/door";
import { HMSReactiveStore } from "../testing/hms";
import { FakeConnection } from "../testing/rtc";
import { ICE, leg } from "../testing/shapes";
import { drive } from "./hms";

vi.mock("@100mslive/hms-video-store", () => import("../testing/hms"));
vi.mock("../media/sound", () => ({ silentTrack: () => ({ kind: "audio", id: `silence ${++made}` }) }));

const PASS: MediaPass = { provider: "hms", generation: 2, room_id: "r", url: "", token: "t0ken", role: "guest", expires_at: "" };
const VOICE = "audio/plugin";
const PICTURE = "video/plugin";
let made = 0;

beforeEach(() => {
  HMSReactiveStore.all = [];
  HMSReactiveStore.refuses = null;
  HMSReactiveStore.isFull = false;
  const blank = () => ({ getVideoTracks: () => [{ kind: "video", id: `blank ${++made}` }] });
  Object.assign(HTMLCanvasElement.prototype, { captureStream: blank });
});
afterEach(() => document.body.replaceChildren());

const room = () => HMSReactiveStore.all.at(-1) ?? expect.fail("nobody has joined");
const settled = () => new Promise((resolve) => setTimeout(resolve));
const sent = () => room().up.getTransceivers().map(({ sender }) => sender.track);

function device(outgoing: Outgoing = OUT) {
  const tracks: string[] = [];
  const gone = vi.fn();
  const driver = drive({
    ice: { ...ICE, ice_servers: [] },
    outgoing,
    freshPass: () => Promise.resolve(PASS),
    onTrack: (legId, slot) => tracks.push(`${legId} ${slot}`),
    onGone: gone,
  });
  return { driver, tracks, gone };
}

async function inside(outgoing: Outgoing = OUT) {
  const made = device(outgoing);
  await made.driver.join(PASS);
  return made;
}

describe("a device that joins through 100ms", () => {
  it("lets the vendor have no device and no name", async () => {
    await inside();
    expect(room().joined).toEqual([
      {
        authToken: "t0ken",
        userName: "-",
        settings: { isAudioMuted: true, isVideoMuted: true },
        audioSinkElementId: expect.stringContaining("muted-sink") as string,
      },
    ]);
  });

  it("sends what the call sends, and lends the vendor's SDK empty tracks only, which it may stop", async () => {
    await inside({ ...OUT, camera: CAMERA });
    expect(room().added.map(({ source, track }) => [source, track.kind])).toEqual([
      ["plugin", "audio"],
      ["plugin", "video"],
    ]);
    expect(room().added.map(({ track }) => track)).not.toContain(MIC);
    expect(sent()).toEqual([MIC, CAMERA]);
    expect(room().up.getTransceivers()[1]?.parameters).toEqual({
      encodings: [{ maxBitrate: 500_000, maxFramerate: 24, scaleResolutionDownBy: 2 }],
    });
  });

  it("changes what it sends without asking anybody, and asks for a place when it needs one", async () => {
    const { driver } = await inside();
    const silence = { kind: "audio", id: "other" } as unknown as MediaStreamTrack;
    const screen = { kind: "video", getSettings: () => ({}) } as unknown as MediaStreamTrack;
    driver.send({ ...OUT, audio: silence, screen });
    await settled();
    expect(sent()).toEqual([silence, screen]);
    expect(room().added.map(({ source }) => source)).toEqual(["plugin", "screen"]);
    driver.send({ ...OUT, audio: silence });
    await settled();
    expect(sent()).toEqual([silence, null]);
    expect(room().added).toHaveLength(2);
  });

  it("is not in when it is not let in, or cannot be heard there", async () => {
    HMSReactiveStore.refuses = new Error("No such room.");
    const { driver, gone } = device();
    await expect(driver.join(PASS)).rejects.toThrow("No such room.");
    HMSReactiveStore.refuses = null;
    HMSReactiveStore.isFull = true;
    const other = device();
    await expect(other.driver.join(PASS)).rejects.toThrow("took no track");
    expect(HMSReactiveStore.all.every(({ hasLeft }) => hasLeft)).toBe(true);
    expect(document.body.children).toHaveLength(0);
    expect(gone).not.toHaveBeenCalled();
  });

  it("does not go in without a token", async () => {
    await expect(device().driver.join({ ...PASS, token: null })).rejects.toThrow("no token");
    expect(room().joined).toEqual([]);
  });

  it("hears the others by our own players alone", async () => {
    await inside();
    const player = room().plays("leg-b audio/plugin");
    await settled();
    expect(player.muted).toBe(true);
  });
});

describe("the others", () => {
  it("are those that the call knows, by the leg in their token", async () => {
    const { driver, tracks } = await inside();
    driver.follow(["leg-b"]);
    room().comes("leg-b", VOICE);
    room().comes("stranger", VOICE);
    expect(tracks).toEqual(["leg-b audio"]);
    driver.follow(["leg-b", "stranger"]);
    expect(tracks).toEqual(["leg-b audio", "stranger audio"]);
  });

  it("are not taken for the microphone that the SDK keeps off", async () => {
    const { driver, tracks } = await inside();
    driver.follow(["leg-b"]);
    room().comes("leg-b", "audio/regular", "video/regular");
    expect(tracks).toEqual([]);
  });

  it("bring pictures that are asked for while they show them, nine at most", async () => {
    const { driver, tracks } = await inside();
    const names = Array.from({ length: 12 }, (_, index) => `leg-${index}`);
    driver.follow(names);
    for (const name of names) room().comes(name, VOICE, PICTURE);
    expect(room().attached.size).toBe(0);
    driver.show(names.map((id) => leg(id, { video_on: true })), "leg-11");
    expect(room().attached.size).toBe(9);
    expect(room().attached).toContain("leg-11 video/plugin");
    expect(tracks).toContain("leg-11 camera");
    driver.show(names.map((id) => leg(id)), undefined);
    expect(room().attached.size).toBe(0);
  });

  it("bring a screen and its sound while they share one", async () => {
    const { driver, tracks } = await inside();
    driver.follow(["leg-b"]);
    room().comes("leg-b", VOICE, "video/screen", "audio/screen");
    expect(tracks).toEqual(["leg-b audio"]);
    driver.show([leg("leg-b", { screen_on: true })], undefined);
    expect(tracks).toEqual(["leg-b audio", "leg-b screen", "leg-b sound"]);
  });

  it("are handed on again when the vendor brings them by another track", async () => {
    const { driver, tracks } = await inside();
    driver.follow(["leg-b"]);
    driver.show([leg("leg-b", { video_on: true })], undefined);
    room().comes("leg-b", PICTURE);
    room().natives.set("leg-b video/plugin", { kind: "video" } as unknown as MediaStreamTrack);
    await driver.stats(0);
    expect(tracks).toEqual(["leg-b camera", "leg-b camera"]);
  });

  it("are counted each by itself, and no more once they are gone", async () => {
    const { driver } = await inside();
    driver.follow(["leg-b", "leg-c"]);
    room().comes("leg-b", VOICE);
    room().comes("leg-c", VOICE);
    const sound = { type: "inbound-rtp", kind: "audio", totalSamplesReceived: 48_000, totalSamplesDuration: 1 };
    room().down.stats = [
      { ...sound, mid: "0", packetsReceived: 50 },
      { ...sound, mid: "1", packetsReceived: 3 },
    ];
    const sums = await driver.stats(1_000);
    expect(sums.get("leg-b")).toMatchObject({ audioPackets: 50, audioMs: 1_000, route: "sfu" });
    expect(sums.get("leg-c")).toMatchObject({ audioPackets: 3 });
    expect([...driver.levels().keys()]).toEqual(["leg-b", "leg-c"]);
    room().goes("leg-c");
    expect([...(await driver.stats(2_000)).keys()]).toEqual(["leg-b"]);
  });
});

describe("the end of it", () => {
  it.each([
    ["the room is ended", "ROOM_ENDED", {}],
    ["one is put out", "REMOVED_FROM_ROOM", {}],
    ["the vendor gives up", "ERROR", { isTerminal: true }],
  ])("%s: it is told once, and nothing of it is left", async (_name, type, data) => {
    const { gone } = await inside();
    room().says(type, data);
    room().says(type, data);
    expect(gone).toHaveBeenCalledTimes(1);
    expect(room().hasLeft).toBe(true);
    expect(document.body.children).toHaveLength(0);
  });

  it("is not what the vendor gets over by itself", async () => {
    const { gone, driver } = await inside();
    room().says("ERROR", { isTerminal: false });
    expect(gone).not.toHaveBeenCalled();
    room().up = new FakeConnection({});
    room().says("RECONNECTED");
    await settled();
    expect(sent()).toEqual([MIC]);
    expect(driver.connections()).toEqual([room().up, room().down]);
  });

  it("whoever leaves is told nothing more", async () => {
    const { gone, driver } = await inside();
    driver.leave();
    room().says("ROOM_ENDED");
    expect(gone).not.toHaveBeenCalled();
  });
});
