import { afterEach, beforeEach, expect, it, vi } from "vitest";

import type { MediaPass } from "../model/shapes";
import { FakeDoor, OUT } from "../testing/door";
import { HMSReactiveStore } from "../testing/hms";
import { FakeConnection } from "../testing/rtc";
import { ICE } from "../testing/shapes";
import { Through } from "./through";

vi.mock("@100mslive/hms-video-store", () => import("../testing/hms"));

const HMS: MediaPass = { provider: "hms", generation: 2, room_id: "r", url: "", token: "t", role: "guest", expires_at: "" };

beforeEach(() => {
  HMSReactiveStore.all = [];
  vi.stubGlobal("RTCPeerConnection", FakeConnection);
});
afterEach(() => vi.unstubAllGlobals());

async function reach(pass: Promise<MediaPass>) {
  const onReach = vi.fn();
  const outgoing = { ...OUT, audio: null };
  const ice = { ...ICE, ice_servers: [] };
  const way = new Through({ generation: 2, ice, outgoing, pass: () => pass, onTrack: () => undefined, onReach });
  await vi.waitFor(() => expect(onReach).toHaveBeenCalled());
  way.close();
  return onReach.mock.calls[0] as [boolean];
}

it("goes by the media server that the pass names", async () => {
  const door = new FakeDoor();
  vi.stubGlobal("WebSocket", door.Socket);
  expect(await reach(door.pass())).toEqual([true]);
  expect([door.sockets.length, HMSReactiveStore.all.length]).toEqual([1, 0]);
  expect(await reach(Promise.resolve(HMS))).toEqual([true]);
  expect([door.sockets.length, HMSReactiveStore.all.length]).toEqual([1, 1]);
});
