/** Quieter than this (in decibels below the loudest possible) is shown as silence. */
const FLOOR_DB = -55;

/** Root mean square on a scale of decibels, from 0 (silence) to 1. */
export function loudness(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  const power = Math.sqrt(sum / Math.max(samples.length, 1));
  if (power === 0) return 0;
  const decibels = 20 * Math.log10(power);
  return Math.max(0, Math.min(1, 1 - decibels / FLOOR_DB));
}
