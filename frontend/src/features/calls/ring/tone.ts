/** Tones that are made here: nothing to fetch. They repeat until they are ended. */
import { audioContext } from "../model/sound";

interface Note {
  hertz: number;
  /** Seconds from the beginning of a round. */
  at: number;
  for: number;
}

interface Melody {
  notes: readonly Note[];
  everyMs: number;
  volume: number;
  /** How often it sounds; without it, until it is ended. */
  times?: number;
}

/** Somebody calls. */
export const RING: Melody = {
  notes: [
    { hertz: 660, at: 0, for: 0.18 },
    { hertz: 880, at: 0.22, for: 0.18 },
    { hertz: 660, at: 0.44, for: 0.18 },
    { hertz: 990, at: 0.66, for: 0.4 },
  ],
  everyMs: 2_500,
  volume: 0.09,
};

/** Somebody else calls while one talks. */
export const KNOCK: Melody = {
  notes: [
    { hertz: 440, at: 0, for: 0.12 },
    { hertz: 440, at: 0.2, for: 0.12 },
  ],
  everyMs: 5_000,
  volume: 0.04,
  times: 1,
};

/** The other side is being rung. */
export const RINGBACK: Melody = { notes: [{ hertz: 425, at: 0, for: 1 }], everyMs: 4_000, volume: 0.03 };

/** Answers its end. Silent where the browser wants a press first; from that press on it is heard. */
export function play({ notes, everyMs, volume, times = Infinity }: Melody, onRound: () => void = () => undefined): () => void {
  let rounds = 0;
  let sounding: OscillatorNode[] = [];
  const round = () => {
    if (++rounds > times) return;
    onRound();
    const context = audioContext();
    if (context?.state !== "running") return;
    sounding = notes.map((note) => sound(context, note, volume));
  };
  round();
  const timer = setInterval(round, everyMs);
  return () => {
    clearInterval(timer);
    for (const oscillator of sounding) oscillator.stop();
  };
}

function sound(context: AudioContext, { hertz, at, for: length }: Note, volume: number): OscillatorNode {
  const start = context.currentTime + at;
  const note = new OscillatorNode(context, { type: "triangle", frequency: hertz });
  const loudness = new GainNode(context, { gain: 0 });
  // Without a soft edge each note clicks.
  loudness.gain.setValueAtTime(0, start);
  loudness.gain.linearRampToValueAtTime(volume, start + 0.015);
  loudness.gain.setValueAtTime(volume, start + length - 0.03);
  loudness.gain.linearRampToValueAtTime(0, start + length);
  note.connect(loudness).connect(context.destination);
  note.start(start);
  note.stop(start + length);
  return note;
}
