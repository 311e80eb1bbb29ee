/** How fast recordings are played: chosen once, for all of them and for later. */
import { signal } from "@preact/signals";

const KEY = "kintsugi.voice.speed";
const SPEEDS = [1, 1.5, 2] as const;

export const speed = signal(stored());

/** The next faster one; after the fastest the usual one. */
export function changeSpeed(): void {
  speed.value = SPEEDS[(SPEEDS.findIndex((one) => one === speed.value) + 1) % SPEEDS.length] ?? 1;
  localStorage.setItem(KEY, String(speed.value));
}

function stored(): number {
  const kept = Number(localStorage.getItem(KEY));
  return SPEEDS.find((one) => one === kept) ?? 1;
}
