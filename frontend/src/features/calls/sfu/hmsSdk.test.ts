/** The vendor's SDK itself, as it is installed: with an older part than it asks for, and with what our driver calls. */
import { HMSReactiveStore, parsedUserAgent, selectRemotePeers, selectTracksMap } from "@100mslive/hms-video-store";
import { expect, it } from "vitest";

it("runs, and has what is asked of it", () => {
  const hms = new HMSReactiveStore();
  const actions = hms.getActions();
  for (const name of ["join", "leave", "addTrack", "attachVideo", "detachVideo", "getNativeTrackById"] as const) {
    expect(actions).toHaveProperty(name);
  }
  expect(hms.getStats()).toHaveProperty("getSubscribePeerConnection");
  expect(hms.getStats()).toHaveProperty("getPublishPeerConnection");
  expect(hms.getStore().getState(selectRemotePeers)).toEqual([]);
  expect(hms.getStore().getState(selectTracksMap)).toEqual({});
  expect(parsedUserAgent.getUA()).toBe(navigator.userAgent);
});
