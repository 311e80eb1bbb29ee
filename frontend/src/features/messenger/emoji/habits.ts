/** Which emoji somebody used last in this browser, and with which skin; gone when they sign out. */
import { signal } from "@preact/signals";

import { onFarewell } from "@/lib/api";

const KEY = "kintsugi.emoji";
const KEPT = 24;

interface Habits {
  /** Newest first. */
  recent: readonly string[];
  tone: string;
}

const NONE: Habits = { recent: [], tone: "" };

export const habits = signal<Habits>(read());

export function usedEmoji(emoji: string): void {
  keep({ ...habits.value, recent: [emoji, ...habits.value.recent.filter((one) => one !== emoji)].slice(0, KEPT) });
}

export function chooseTone(tone: string): void {
  keep({ ...habits.value, tone });
}

onFarewell(() => {
  localStorage.removeItem(KEY);
  habits.value = NONE;
});

function keep(now: Habits): void {
  habits.value = now;
  try {
    localStorage.setItem(KEY, JSON.stringify(now));
  } catch {
    // A full or forbidden store: they are known until the page goes.
  }
}

function read(): Habits {
  try {
    const stored = JSON.parse(localStorage.getItem(KEY) ?? "null") as Partial<Habits> | null;
    const recent = Array.isArray(stored?.recent) ? stored.recent.filter((one) => typeof one === "string") : [];
    return { recent, tone: typeof stored?.tone === "string" ? stored.tone : "" };
  } catch {
    return NONE;
  }
}
