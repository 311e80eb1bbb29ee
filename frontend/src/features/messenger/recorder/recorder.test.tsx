import { cleanup, fireEvent, render, screen, waitFor } from "@/lib/testing/library";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { setLanguage } from "@/lib/i18n";
import { ToastRegion } from "@/ui";

import { installPopover } from "@/lib/testing/popover";
import { loudness } from "./loudness";
import { refusalOf } from "./recording";
import { VoiceRecorder } from "./VoiceRecorder";

/** The part of the browser's recorder that is used, giving one part when it stops. */
class Recorder extends EventTarget {
  static isTypeSupported = (type: string) => type.startsWith("audio/webm");
  state = "inactive";
  mimeType = "audio/webm;codecs=opus";
  ondataavailable: ((event: { data: Blob }) => void) | null = null;
  start() {
    this.state = "recording";
  }
  stop() {
    this.state = "inactive";
    this.ondataavailable?.({ data: new Blob(["sound"]) });
    this.dispatchEvent(new Event("stop"));
  }
}

const stopTrack = vi.fn();
const getUserMedia = vi.fn<() => Promise<unknown>>();
const onDone = vi.fn<(file: File) => void>();
const onCancel = vi.fn();

beforeEach(() => {
  installPopover();
  setLanguage("en");
  vi.clearAllMocks();
  getUserMedia.mockResolvedValue({ getTracks: () => [{ stop: stopTrack }] });
  vi.stubGlobal("MediaRecorder", Recorder);
  vi.stubGlobal("AudioContext", undefined);
  vi.stubGlobal("isSecureContext", true);
  Object.defineProperty(navigator, "mediaDevices", { configurable: true, value: { getUserMedia } });
});
afterEach(cleanup);

function show() {
  return render(
    <>
      <VoiceRecorder onDone={onDone} onCancel={onCancel} />
      <ToastRegion />
    </>,
  );
}

function sendButton(): HTMLButtonElement {
  return screen.getByRole("button", { name: "Send the voice message" });
}

describe("the voice recorder", () => {
  it("records and hands over a file of the browser's format", async () => {
    show();
    await waitFor(() => expect(sendButton().disabled).toBe(false));
    fireEvent.click(sendButton());
    await waitFor(() => expect(onDone).toHaveBeenCalledTimes(1));
    const file = onDone.mock.calls[0]?.[0];
    expect(file?.type).toBe("audio/webm");
    expect(file?.name).toMatch(/^voice-.*\.webm$/);
    expect(file?.size).toBe(5);
    expect(stopTrack).toHaveBeenCalled();
  });

  it("throws away on Escape, and lets the microphone go", async () => {
    show();
    await waitFor(() => expect(sendButton().disabled).toBe(false));
    fireEvent.keyDown(screen.getByRole("group"), { key: "Escape" });
    expect(onCancel).toHaveBeenCalledTimes(1);
    expect(onDone).not.toHaveBeenCalled();
    expect(stopTrack).toHaveBeenCalled();
  });

  it("lets the microphone go when it is allowed after the recorder went away", async () => {
    let allow: (stream: unknown) => void = () => undefined;
    getUserMedia.mockReturnValue(new Promise((resolve) => (allow = resolve)));
    show().unmount();
    allow({ getTracks: () => [{ stop: stopTrack }] });
    await waitFor(() => expect(stopTrack).toHaveBeenCalled());
  });

  it("says what to do when the microphone is refused", async () => {
    getUserMedia.mockRejectedValue(new DOMException("no", "NotAllowedError"));
    show();
    await waitFor(() => expect(onCancel).toHaveBeenCalled());
    expect((await screen.findAllByText(/Allow it in the site's settings/)).length).toBeGreaterThan(0);
  });

  it("explains that plain HTTP has no microphone, and does not ask", async () => {
    vi.stubGlobal("isSecureContext", false);
    show();
    await waitFor(() => expect(onCancel).toHaveBeenCalled());
    expect(getUserMedia).not.toHaveBeenCalled();
    expect((await screen.findAllByText(/over HTTPS only/)).length).toBeGreaterThan(0);
  });
});

describe("loudness", () => {
  it("goes from silence to full scale", () => {
    expect(loudness(new Float32Array(8))).toBe(0);
    expect(loudness(new Float32Array(8).fill(1))).toBe(1);
    const middle = loudness(new Float32Array(8).fill(0.05));
    expect(middle).toBeGreaterThan(0.4);
    expect(middle).toBeLessThan(0.6);
  });
});

describe("what the browser refuses with", () => {
  it.each([
    ["NotFoundError", "missing"],
    ["NotReadableError", "busy"],
    ["OddError", "failed"],
  ])("%s is %s", (name, reason) => expect(refusalOf(new DOMException("", name))).toBe(reason));
});
