/** Silence that is sent, and how loud something is. */
import { audioContext } from "../model/sound";

/** A track that carries silence, so that the other side knows this one lives. Null where the browser makes none. */
export function silentTrack(): MediaStreamTrack | null {
  const context = audioContext();
  if (context === null) return null;
  const nothing = new ConstantSourceNode(context, { offset: 0 });
  const out = new MediaStreamAudioDestinationNode(context, { channelCount: 1 });
  nothing.connect(out);
  nothing.start();
  return out.stream.getAudioTracks()[0] ?? null;
}

/** How loud a track is, looked at again and again. Works on a copy, so it hears what is muted as well. */
export class Meter {
  private readonly copy: MediaStreamTrack;
  private readonly source: MediaStreamAudioSourceNode | null = null;
  private readonly analyser: AnalyserNode | null = null;
  private readonly timer: ReturnType<typeof setInterval>;

  constructor(track: MediaStreamTrack, onLevel: (level: number) => void, everyMs = 100) {
    this.copy = track.clone();
    this.copy.enabled = true;
    const context = audioContext();
    if (context !== null) {
      this.source = new MediaStreamAudioSourceNode(context, { mediaStream: new MediaStream([this.copy]) });
      this.analyser = new AnalyserNode(context, { fftSize: 1024 });
      this.source.connect(this.analyser);
    }
    const samples = new Float32Array(1024);
    this.timer = setInterval(() => {
      this.analyser?.getFloatTimeDomainData(samples);
      onLevel(loudness(samples));
    }, everyMs);
  }

  close(): void {
    clearInterval(this.timer);
    this.source?.disconnect();
    this.copy.stop();
  }
}

/** Between 0 for silence and 1 for shouting: 50 dB below full scale is where speech begins to be heard. */
export function loudness(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  const decibels = 10 * Math.log10(sum / samples.length + 1e-12);
  return Math.min(1, Math.max(0, (decibels + 50) / 45));
}
