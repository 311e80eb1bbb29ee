/** One recording from the microphone: asking for it, the loudness meanwhile, the file at the end. */
import { signal } from "@preact/signals";

import { loudness } from "./loudness";

export const MAX_SECONDS = 600;

const TICK_MS = 80;
const BITS_PER_SECOND = 32_000;

/** What browsers record, best first: Opus where it exists, AAC on Safari. */
const FORMATS = [
  { type: "audio/webm;codecs=opus", extension: "webm" },
  { type: "audio/mp4", extension: "m4a" },
  { type: "audio/ogg;codecs=opus", extension: "ogg" },
] as const;

export type Refusal = "insecure" | "unsupported" | "refused" | "missing" | "busy" | "failed";

/** Why there is no recording, as a key of the words beside this file. */
export class RecordingError extends Error {
  override readonly name = "RecordingError";
  constructor(readonly reason: Refusal) {
    super(reason);
  }
}

/** Why recording cannot even be asked for here, or null when it can. */
export function obstacle(): Refusal | null {
  if (!window.isSecureContext) return "insecure";
  const canRecord = typeof MediaRecorder !== "undefined" && "mediaDevices" in navigator;
  return canRecord && chooseFormat() !== null ? null : "unsupported";
}

export class Recording {
  readonly state = signal<"asking" | "recording" | "full">("asking");
  /** Whole seconds so far. */
  readonly seconds = signal(0);
  /** From 0 to 1, the newest last. */
  readonly levels = signal<readonly number[]>([]);

  private stream: MediaStream | null = null;
  private recorder: MediaRecorder | null = null;
  private sound: AudioContext | null = null;
  private timer: ReturnType<typeof setInterval> | undefined;
  private readonly parts: Blob[] = [];
  private ended = false;
  private startedAt = 0;

  constructor(private readonly shownLevels: number) {}

  /** Rejects with a `RecordingError`. */
  async start(): Promise<void> {
    const reason = obstacle();
    if (reason !== null) throw new RecordingError(reason);
    try {
      this.stream = await navigator.mediaDevices.getUserMedia({ audio: true });
      // It may have been thrown away while the browser was asking.
      if (this.ended) this.release();
      else this.record(this.stream);
    } catch (error) {
      this.release();
      throw new RecordingError(refusalOf(error));
    }
  }

  /** The file; null when nothing was recorded or it was thrown away. */
  async finish(): Promise<File | null> {
    const { recorder } = this;
    if (recorder === null || this.ended) return null;
    this.ended = true;
    if (recorder.state !== "inactive") await stopped(recorder);
    this.release();
    const format = chooseFormat();
    if (this.parts.length === 0 || format === null) return null;
    const type = (recorder.mimeType || format.type).split(";")[0] ?? "";
    return new File(this.parts, fileName(new Date(), format.extension), { type });
  }

  cancel(): void {
    this.ended = true;
    if (this.recorder?.state === "recording") this.recorder.stop();
    this.release();
  }

  private record(stream: MediaStream): void {
    const format = chooseFormat();
    if (format === null) throw new RecordingError("unsupported");
    this.recorder = new MediaRecorder(stream, { mimeType: format.type, audioBitsPerSecond: BITS_PER_SECOND });
    this.recorder.ondataavailable = (event) => {
      if (event.data.size > 0) this.parts.push(event.data);
    };
    this.recorder.start(1000);
    this.startedAt = performance.now();
    this.state.value = "recording";
    const read = this.meter(stream);
    this.timer = setInterval(() => this.tick(read), TICK_MS);
  }

  private tick(read: () => number): void {
    this.seconds.value = Math.min(MAX_SECONDS, Math.floor((performance.now() - this.startedAt) / 1000));
    this.levels.value = [...this.levels.value, read()].slice(-this.shownLevels);
    if (this.seconds.value < MAX_SECONDS) return;
    clearInterval(this.timer);
    if (this.recorder?.state === "recording") this.recorder.stop();
    this.state.value = "full";
  }

  /** A way to read the present loudness; always 0 where the sound cannot be looked into. */
  private meter(stream: MediaStream): () => number {
    if (typeof AudioContext === "undefined") return () => 0;
    this.sound = new AudioContext();
    const analyser = this.sound.createAnalyser();
    analyser.fftSize = 1024;
    this.sound.createMediaStreamSource(stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    return () => {
      analyser.getFloatTimeDomainData(samples);
      return loudness(samples);
    };
  }

  private release(): void {
    clearInterval(this.timer);
    this.stream?.getTracks().forEach((track) => track.stop());
    this.stream = null;
    void this.sound?.close();
    this.sound = null;
  }
}

export function chooseFormat(): (typeof FORMATS)[number] | null {
  return FORMATS.find(({ type }) => MediaRecorder.isTypeSupported(type)) ?? null;
}

export function refusalOf(error: unknown): Refusal {
  if (error instanceof RecordingError) return error.reason;
  const name = error instanceof Error || error instanceof DOMException ? error.name : "";
  const known: Record<string, Refusal> = {
    NotAllowedError: "refused",
    SecurityError: "refused",
    NotFoundError: "missing",
    NotReadableError: "busy",
    AbortError: "busy",
  };
  return known[name] ?? "failed";
}

function fileName(moment: Date, extension: string): string {
  return `voice-${moment.toISOString().slice(0, 19).replaceAll(":", "-")}.${extension}`;
}

function stopped(recorder: MediaRecorder): Promise<void> {
  return new Promise((resolve) => {
    recorder.addEventListener("stop", () => resolve(), { once: true });
    recorder.stop();
  });
}
