import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { LocalMedia } from "./local";

class FakeTrack extends EventTarget {
  enabled = true;
  readyState = "live";
  contentHint = "";
  constructor(
    readonly kind: "audio" | "video",
    readonly label: string,
  ) {
    super();
  }
  getSettings() {
    return { deviceId: this.label };
  }
  clone() {
    return new FakeTrack(this.kind, this.label);
  }
  stop() {
    this.readyState = "ended";
  }
  /** Somebody pulls the plug. */
  pull() {
    this.readyState = "ended";
    this.dispatchEvent(new Event("ended"));
  }
}

class FakeStream {
  constructor(readonly tracks: FakeTrack[]) {}
  getTracks() {
    return this.tracks;
  }
  getAudioTracks() {
    return this.tracks.filter(({ kind }) => kind === "audio");
  }
  getVideoTracks() {
    return this.tracks.filter(({ kind }) => kind === "video");
  }
}

/** What the browser answers for each of both; a name is that of the error it refuses with. */
function machine(answers: { microphone?: string; camera?: string } = {}) {
  let made = 0;
  const given: FakeTrack[] = [];
  const asked: MediaStreamConstraints[] = [];
  const devices = Object.assign(new EventTarget(), {
    getUserMedia: (wanted: MediaStreamConstraints) => {
      asked.push(wanted);
      const refused = (wanted.audio && answers.microphone) ?? (wanted.video && answers.camera);
      if (typeof refused === "string") return Promise.reject(new DOMException("refused", refused));
      const tracks = [
        ...(wanted.audio ? [new FakeTrack("audio", `microphone ${++made}`)] : []),
        ...(wanted.video ? [new FakeTrack("video", `camera ${++made}`)] : []),
      ];
      given.push(...tracks);
      return Promise.resolve(new FakeStream(tracks));
    },
    enumerateDevices: () => Promise.resolve([]),
  });
  vi.stubGlobal("navigator", { mediaDevices: devices });
  return { asked, given, answers };
}

const settle = () => vi.advanceTimersByTimeAsync(10);

beforeEach(() => {
  vi.useFakeTimers();
  localStorage.clear();
  vi.stubGlobal("MediaStream", FakeStream);
});
afterEach(() => void vi.useRealTimers());

describe("the devices of a call", () => {
  it("are asked for with one question", async () => {
    const { asked } = machine();
    const local = new LocalMedia();
    expect(await local.open({ video: true })).toBe(true);
    expect(asked).toHaveLength(1);
    expect(local.outgoing.value.camera).not.toBeNull();
    expect(local.trouble.value).toBeNull();
    local.close();
  });

  it.each([
    ["NotAllowedError", "refused"],
    ["NotFoundError", "missing"],
    ["NotReadableError", "busy"],
  ])("without a camera (%s) are a microphone, and a reason", async (name, kind) => {
    machine({ camera: name });
    const local = new LocalMedia();
    expect(await local.open({ video: true })).toBe(true);
    expect(local.trouble.value).toEqual({ device: "camera", kind });
    expect(local.videoOn.value).toBe(false);
    local.close();
  });

  it("that are all refused leave one listening, with the reason", async () => {
    machine({ microphone: "NotAllowedError", camera: "NotAllowedError" });
    const local = new LocalMedia();
    expect(await local.open({ video: false })).toBe(false);
    expect(local.trouble.value).toEqual({ device: "microphone", kind: "refused" });
    local.close();
  });

  it.each([
    ["NotAllowedError", "NotAllowedError", "refused", false],
    ["NotFoundError", undefined, "missing", true],
    ["NotReadableError", "NotFoundError", "busy", false],
  ])("without a microphone (%s) are what there is of a camera, and the reason why nobody hears one", async (microphone, camera, kind, shows) => {
    const { answers } = machine({ microphone, ...(camera !== undefined && { camera }) });
    const local = new LocalMedia();
    expect(await local.open({ video: true })).toBe(false);
    expect(local.trouble.value).toEqual({ device: "microphone", kind });
    expect([local.audioOn.value, local.videoOn.value]).toEqual([false, shows]);
    // Nor does a camera that is turned on later take the sentence away; the microphone does.
    delete answers.camera;
    await local.setVideo(true);
    expect(local.trouble.value).toEqual({ device: "microphone", kind });
    local.setAudio(true);
    await settle();
    expect(local.audioOn.value).toBe(false);
    delete answers.microphone;
    local.setAudio(true);
    await settle();
    expect([local.trouble.value, local.audioOn.value, local.audio.value?.enabled]).toEqual([null, true, true]);
    local.close();
  });

  it("are none on a page without HTTPS", async () => {
    vi.stubGlobal("navigator", {});
    const local = new LocalMedia();
    expect(await local.open({ video: false })).toBe(false);
    expect(local.trouble.value).toEqual({ device: "microphone", kind: "insecure" });
    local.close();
  });

  it("that are pulled out are replaced by the next, muted as they were", async () => {
    const { given } = machine();
    const local = new LocalMedia();
    await local.open({ video: false });
    local.setAudio(false);
    given[0]?.pull();
    await settle();
    expect(local.changedTo.value).toBe("microphone 2");
    expect(local.audio.value?.enabled).toBe(false);
    expect(local.audioOn.value).toBe(false);
    local.close();
  });

  it("are let go after a minute of silence, and taken again", async () => {
    const { given, asked } = machine();
    const local = new LocalMedia();
    await local.open({ video: false });
    local.setAudio(false);
    expect(given[0]).toMatchObject({ enabled: false, readyState: "live" });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(given[0]?.readyState).toBe("ended");
    expect(local.audio.value).toBeNull();
    local.setAudio(true);
    await settle();
    expect(asked).toHaveLength(2);
    expect(local.audio.value?.enabled).toBe(true);
    local.close();
  });

  it("chosen before are wished for, and never demanded", async () => {
    const { asked } = machine();
    const local = new LocalMedia();
    await local.open({ video: false });
    await local.choose("audioinput", "the good one");
    expect(asked.at(-1)?.audio).toMatchObject({ deviceId: { ideal: "the good one" } });
    expect(JSON.stringify(asked)).not.toContain("exact");
    expect(localStorage.getItem("kintsugi.call.audioinput")).toBe("the good one");
    local.close();
  });

  it("are all let go at the end, also those that come after it", async () => {
    const { given } = machine();
    const local = new LocalMedia();
    const opening = local.open({ video: true });
    local.close();
    expect(await opening).toBe(false);
    expect(given.map(({ readyState }) => readyState)).toEqual(given.map(() => "ended"));
    expect(given.length).toBeGreaterThan(0);
  });

  it("carry no picture where there is no room for pictures", async () => {
    machine();
    const local = new LocalMedia();
    await local.open({ video: true });
    local.mayShow.value = false;
    expect(local.outgoing.value.camera).toBeNull();
    local.close();
  });
});
