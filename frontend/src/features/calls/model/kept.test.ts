import { beforeEach, describe, expect, it } from "vitest";

import { deviceKey, dropHangUp, keepHangUp, keepPlace, keptHangUps, keptPlace } from "./kept";

beforeEach(() => {
  localStorage.clear();
  sessionStorage.clear();
});

const hangUp = (legId: string, at = 1_000) => ({ callId: "call-1", legId, userId: "me", at });

describe("what is kept", () => {
  it("is the same name after a reload", () => {
    expect(deviceKey()).toBe(deviceKey());
    expect(deviceKey()).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
  });

  it("is a hang-up until the server knows it", () => {
    keepHangUp(hangUp("leg-1"));
    keepHangUp(hangUp("leg-2"));
    dropHangUp("leg-1");
    expect(keptHangUps("me", 2_000).map(({ legId }) => legId)).toEqual(["leg-2"]);
    expect(keptHangUps("somebody else", 2_000)).toEqual([]);
  });

  it("is no hang-up of a call that is long over", () => {
    keepHangUp(hangUp("leg-1"));
    expect(keptHangUps("me", 1_000 + 600_000)).toEqual([]);
  });

  it("is the call this tab is in, for the one who was in it", () => {
    keepPlace({ callId: "call-1", legId: "leg-1", userId: "me", epochs: { base: 2, legs: {} } });
    expect(keptPlace("me")?.epochs.base).toBe(2);
    expect(keptPlace("somebody else")).toBeNull();
  });

  it("is nothing where something else stands", () => {
    sessionStorage.setItem("kintsugi.call.place", "{broken");
    expect(keptPlace("me")).toBeNull();
  });
});
