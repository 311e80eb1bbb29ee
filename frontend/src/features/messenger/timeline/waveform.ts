/** How loud a recording is along its length, looked up in the recording itself. */
import { loudness } from "../recorder/loudness";

export const BARS = 44;

/** Enough for loudness; ten minutes take 19 MB while they are looked at, and nothing after. */
const HERTZ = 8000;
/** Ten minutes at the recorder's rate, and as much again: what is larger is no voice message. */
const LARGEST_BYTES = 5_000_000;
/** Recordings whose bars are kept: a few kilobytes in all. */
const MOST_KEPT = 200;

const kept = new Map<string, Promise<readonly number[] | null>>();

/**
 * From 0 to 1 for each bar, or null where it cannot be told: the recording is too large, does not come, or is of a kind
 * that this browser cannot read.
 */
export function barsOf(id: string, url: string, bytes: number): Promise<readonly number[] | null> {
  const known = kept.get(id);
  if (known !== undefined) return known;
  const looked = bytes > LARGEST_BYTES ? Promise.resolve(null) : look(url).catch(() => null);
  const [oldest] = kept.keys();
  if (oldest !== undefined && kept.size >= MOST_KEPT) kept.delete(oldest);
  kept.set(id, looked);
  // What failed for want of a network may come later.
  void looked.then((bars) => bars ?? kept.delete(id));
  return looked;
}

async function look(url: string): Promise<readonly number[]> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  const sound = await new OfflineAudioContext(1, 1, HERTZ).decodeAudioData(await response.arrayBuffer());
  return barsIn(sound.getChannelData(0));
}

/** The loudness of each of equal parts, stretched so that the loudest is 1. */
export function barsIn(samples: Float32Array, count = BARS): readonly number[] {
  const size = samples.length / count;
  const levels = Array.from({ length: count }, (_, bar) =>
    loudness(samples.subarray(Math.floor(bar * size), Math.max(Math.floor((bar + 1) * size), 1))),
  );
  const most = Math.max(...levels);
  return most === 0 ? levels : levels.map((level) => level / most);
}
