/**
 * The microphone, the camera and the screen of this device: asked for, watched, changed while one talks, let go.
 *
 * What goes wrong with a device is never the end of a call: without a camera one talks, without a microphone one listens.
 */
import { batch, computed, effect, signal, untracked } from "@preact/signals";

import { CHOSEN, chosenCamera, chosenMicrophone } from "./choices";
import type { DeviceKind } from "./choices";
import type { Outgoing } from "./slots";
import { Meter, silentTrack } from "./sound";

export type Device = "microphone" | "camera" | "screen";
export interface DeviceTrouble {
  device: Device;
  /** `insecure`: the page came without HTTPS, and the browser gives nothing. */
  kind: "refused" | "missing" | "busy" | "insecure";
}

export type Hint = "talking-while-muted" | "not-heard";

/** Muted for so long, the microphone is let go, and the browser's red dot with it. */
const LET_GO_MS = 60_000;
const SILENT_MS = 5_000;
const TALKING_MS = 1_000;
const TALKING_LEVEL = 0.3;
const SILENT_LEVEL = 0.02;

export class LocalMedia {
  /** What is wished, as the buttons show it. */
  readonly audioOn = signal(true);
  readonly videoOn = signal(false);
  readonly screenOn = computed(() => this.screen.value !== null);
  readonly audio = signal<MediaStreamTrack | null>(null);
  readonly video = signal<MediaStreamTrack | null>(null);
  readonly screen = signal<MediaStreamTrack | null>(null);
  readonly sound = signal<MediaStreamTrack | null>(null);
  readonly trouble = signal<DeviceTrouble | null>(null);
  readonly hint = signal<Hint | null>(null);
  readonly level = signal(0);
  readonly devices = signal<readonly MediaDeviceInfo[]>([]);
  /** A device was taken away and another one is used. */
  readonly changedTo = signal<string | null>(null);
  readonly isAsking = signal(false);
  /** Where pictures cannot be carried. */
  readonly mayShow = signal(true);
  readonly outgoing = computed<Outgoing>(() => ({
    audio: this.audio.value ?? this.silence.value,
    camera: this.videoOn.value && this.mayShow.value ? this.video.value : null,
    screen: this.screen.value,
    sound: this.sound.value,
  }));
  readonly picture = computed(() => {
    const track = this.outgoing.value.camera;
    return track === null ? null : new MediaStream([track]);
  });

  /** As in a mirror; a camera that looks away shows letters, which must be read. */
  readonly isFacing = computed(() => this.video.value?.getSettings().facingMode !== "environment");

  private readonly silence = signal<MediaStreamTrack | null>(null);
  private meter: Meter | null = null;
  private letGoTimer: ReturnType<typeof setTimeout> | undefined;
  private loudSince = 0;
  private quietSince = 0;
  private isClosed = false;
  private readonly endings: (() => void)[] = [];

  constructor() {
    this.silence.value = silentTrack();
    const devices = mediaDevices();
    if (devices === null) return;
    const look = () => void this.devicesChanged();
    devices.addEventListener("devicechange", look);
    this.endings.push(() => devices.removeEventListener("devicechange", look));
    this.endings.push(effect(() => this.listen(this.audio.value)));
  }

  /** Answers whether there is a microphone. Asks for both at once, so that there is one question. */
  async open(wanted: { video: boolean }): Promise<boolean> {
    this.isAsking.value = true;
    this.trouble.value = null;
    try {
      if (wanted.video && (await this.take({ audio: true, video: true }))) this.videoOn.value = true;
      else if (await this.take({ audio: true })) {
        if (wanted.video) this.blame("camera", await this.why({ video: true }));
      } else {
        // Who is not heard is told that, whatever becomes of their camera.
        const unheard = this.trouble.peek();
        if (wanted.video && (await this.take({ video: true }))) this.videoOn.value = true;
        this.trouble.value = unheard;
        this.audioOn.value = false;
      }
    } finally {
      this.isAsking.value = false;
    }
    void this.look();
    return this.audio.value !== null;
  }

  setAudio(on: boolean): void {
    this.audioOn.value = on;
    this.hint.value = null;
    clearTimeout(this.letGoTimer);
    const track = this.audio.value;
    if (track) track.enabled = on;
    if (on && track === null) void this.unmute();
    if (!on) this.letGoTimer = setTimeout(() => this.drop(this.audio), LET_GO_MS);
  }

  /** Without a microphone nobody is shown as one who may be heard. */
  private async unmute(): Promise<void> {
    if (!(await this.take({ audio: true }))) this.audioOn.value = false;
  }

  async setVideo(on: boolean): Promise<void> {
    if (!on) {
      this.videoOn.value = false;
      this.drop(this.video);
    } else if (this.video.value !== null || (await this.take({ video: true }))) this.videoOn.value = true;
  }

  /** The next camera, on telephones the other side of it. */
  async flip(): Promise<void> {
    const cameras = this.devices.value.filter(({ kind }) => kind === "videoinput");
    const at = cameras.findIndex(({ deviceId }) => deviceId === this.video.value?.getSettings().deviceId);
    const next = cameras[(at + 1) % Math.max(1, cameras.length)];
    if (next) await this.choose("videoinput", next.deviceId);
  }

  async choose(kind: DeviceKind, deviceId: string): Promise<void> {
    CHOSEN[kind].value = deviceId;
    if (kind === "audioinput" && this.audio.value !== null) await this.take({ audio: true });
    if (kind !== "videoinput" || this.video.value === null) return;
    // Telephones open one camera at a time.
    this.drop(this.video);
    if (!(await this.take({ video: true }))) this.videoOn.value = false;
  }

  async setScreen(on: boolean): Promise<void> {
    if (!on) {
      this.drop(this.screen);
      this.drop(this.sound);
      return;
    }
    try {
      const video = { frameRate: { ideal: 15, max: 30 } };
      const stream = await navigator.mediaDevices.getDisplayMedia({ video, audio: true });
      if (this.isClosed) {
        stopAll(stream);
        return;
      }
      const [screen] = stream.getVideoTracks();
      if (screen) screen.contentHint = "detail";
      // The browser has a button of its own that ends it.
      screen?.addEventListener("ended", () => void this.setScreen(false));
      batch(() => {
        this.screen.value = screen ?? null;
        this.sound.value = stream.getAudioTracks()[0] ?? null;
      });
    } catch (error) {
      // Closing the browser's own question is no trouble.
      const kind = kindOf(error);
      if (kind !== "refused") this.blame("screen", kind);
    }
  }

  close(): void {
    this.isClosed = true;
    clearTimeout(this.letGoTimer);
    for (const end of this.endings) end();
    this.meter?.close();
    this.meter = null;
    for (const place of [this.audio, this.video, this.screen, this.sound, this.silence]) this.drop(place);
  }

  private async take(wanted: { audio?: true; video?: true }): Promise<boolean> {
    const devices = mediaDevices();
    const blamed = wanted.audio ? "microphone" : "camera";
    if (devices === null) {
      this.blame(blamed, "insecure");
      return false;
    }
    try {
      const stream = await devices.getUserMedia(constraints(wanted));
      if (this.isClosed) {
        stopAll(stream);
        return false;
      }
      this.adopt(stream);
      return true;
    } catch (error) {
      this.blame(blamed, kindOf(error));
      return false;
    }
  }

  /** Why it cannot be had, once it is known that something else can. */
  private async why(wanted: { video: true }): Promise<DeviceTrouble["kind"]> {
    try {
      stopAll(await navigator.mediaDevices.getUserMedia(constraints(wanted)));
      return "busy";
    } catch (error) {
      return kindOf(error);
    }
  }

  private adopt(stream: MediaStream): void {
    const [audio] = stream.getAudioTracks();
    const [video] = stream.getVideoTracks();
    batch(() => {
      if (this.isSettledBy(audio, video)) this.trouble.value = null;
      if (audio) {
        audio.enabled = this.audioOn.value;
        audio.contentHint = "speech";
        audio.addEventListener("ended", () => void this.lost(this.audio, audio, { audio: true }));
        this.drop(this.audio);
        this.audio.value = audio;
      }
      if (video) {
        video.addEventListener("ended", () => void this.lost(this.video, video, { video: true }));
        this.drop(this.video);
        this.video.value = video;
      }
    });
  }

  /** A camera is no answer to a microphone that is missed. */
  private isSettledBy(audio: MediaStreamTrack | undefined, video: MediaStreamTrack | undefined): boolean {
    const missed = this.trouble.peek()?.device;
    return missed === "microphone" ? audio !== undefined : missed === "camera" ? video !== undefined : true;
  }

  /** A device was pulled out: the next one, muted if this one was. */
  private async lost(
    place: typeof this.audio,
    track: MediaStreamTrack,
    wanted: { audio?: true; video?: true },
  ): Promise<void> {
    if (place.peek() !== track || this.isClosed) return;
    place.value = null;
    if (await this.take(wanted)) this.changedTo.value = place.peek()?.label ?? "";
    else if (wanted.video) this.videoOn.value = false;
    else this.audioOn.value = false;
  }

  private async devicesChanged(): Promise<void> {
    await this.look();
    const microphone = this.audio.value;
    if (microphone?.readyState === "ended") await this.lost(this.audio, microphone, { audio: true });
  }

  /** Which devices there are now. */
  async look(): Promise<void> {
    this.devices.value = (await mediaDevices()?.enumerateDevices().catch(() => [])) ?? [];
  }

  private drop(place: typeof this.audio): void {
    const track = place.peek();
    place.value = null;
    track?.stop();
  }

  private blame(device: Device, kind: DeviceTrouble["kind"]): void {
    this.trouble.value = { device, kind };
  }

  private listen(track: MediaStreamTrack | null): void {
    this.meter?.close();
    this.loudSince = this.quietSince = 0;
    this.meter = track === null ? null : new Meter(track, (level) => untracked(() => this.heard(level)));
  }

  /** Who talks while muted, or is not heard though unmuted, is told. */
  private heard(level: number): void {
    const now = Date.now();
    this.level.value = this.audioOn.value ? level : 0;
    this.loudSince = level < TALKING_LEVEL ? 0 : this.loudSince || now;
    this.quietSince = level > SILENT_LEVEL ? 0 : this.quietSince || now;
    const talks = this.loudSince > 0 && now - this.loudSince >= TALKING_MS;
    const isDead = this.quietSince > 0 && now - this.quietSince >= SILENT_MS;
    if (!this.audioOn.value && talks) this.hint.value = "talking-while-muted";
    else if (this.audioOn.value && isDead) this.hint.value = "not-heard";
    else if (this.audioOn.value) this.hint.value = null;
  }
}

export function canShareScreen(): boolean {
  return (mediaDevices() as Partial<MediaDevices> | null)?.getDisplayMedia !== undefined;
}

function mediaDevices(): MediaDevices | null {
  return (navigator as Partial<Navigator>).mediaDevices ?? null;
}

/** Never `exact`: a device that was chosen and is gone must not mean none. */
function constraints({ audio, video }: { audio?: true; video?: true }): MediaStreamConstraints {
  const microphone = chosenMicrophone.peek();
  const camera = chosenCamera.peek();
  return {
    ...(audio && {
      audio: {
        echoCancellation: true,
        noiseSuppression: true,
        autoGainControl: true,
        ...(microphone !== "" && { deviceId: { ideal: microphone } }),
      },
    }),
    ...(video && {
      video: {
        width: { ideal: 1280 },
        height: { ideal: 720 },
        frameRate: { ideal: 30, max: 30 },
        ...(camera === "" ? { facingMode: { ideal: "user" } } : { deviceId: { ideal: camera } }),
      },
    }),
  };
}

export function kindOf(error: unknown): DeviceTrouble["kind"] {
  const name = error instanceof Error ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "refused";
  if (name === "NotFoundError" || name === "OverconstrainedError") return "missing";
  return "busy";
}

function stopAll(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}
