/** What a ring does beside its banner: a tone in one tab, the title of every tab, a notice, a telephone that shakes. */
import { effect, untracked } from "@preact/signals";

import { currentUser } from "@/lib/api";
import { deviceId, permission, show, takeAway, wishes } from "@/lib/notices";
import { urgent } from "@/lib/title";
import { prefersStill } from "@/ui";

import { calls } from "../model";
import type { CallShape } from "../model/shapes";
import { t } from "../words";

const BLINK_MS = 1_000;

export function startRinging(): void {
  const rings = new Map<string, () => void>();
  effect(() => {
    const all = currentUser.value === null ? null : untracked(calls);
    const now = new Map(all?.ringing.value.map((call) => [call.id, call]));
    untracked(() => {
      for (const [id, end] of rings) {
        if (now.has(id)) continue;
        rings.delete(id);
        end();
      }
      for (const [id, call] of now) if (!rings.has(id)) rings.set(id, ring(call));
    });
  });
  effect(() => followRingback());
}

function ring(call: CallShape): () => void {
  const end = new AbortController();
  const name = call.initiator?.name ?? t("someone");
  blink(`☎ ${name}`, end.signal);
  void heard().then((sounds) => sounds?.soundOne(call, end.signal));
  void notify(call, name, end.signal);
  return () => end.abort();
}

/** The caller hears that it rings over there. */
function followRingback(): (() => void) | undefined {
  if (currentUser.value === null) return undefined;
  const session = untracked(calls).session.value;
  const isRinging = session?.phase.value === "in" && session.call.value?.status === "ringing";
  if (!isRinging) return undefined;
  let isOver = false;
  let end: (() => void) | undefined;
  void heard().then((sounds) => {
    if (!isOver) end = sounds?.play(sounds.RINGBACK);
  });
  return () => {
    isOver = true;
    end?.();
  };
}

/** What makes the sounds comes with the first ring; without it one sees that it rings. */
function heard() {
  return import("./sounding").catch(() => null);
}

function blink(words: string, signal: AbortSignal): void {
  const still = prefersStill();
  urgent.value = words;
  const timer = still ? undefined : setInterval(() => (urgent.value = urgent.value === null ? words : null), BLINK_MS);
  signal.addEventListener("abort", () => {
    clearInterval(timer);
    urgent.value = null;
  });
}

/** By this tab where nobody looks at it; where push reaches this browser, its worker does it. */
async function notify(call: CallShape, name: string, signal: AbortSignal): Promise<void> {
  if (!document.hidden || !wishes.peek().isOn || permission() !== "granted" || deviceId.peek() !== null) return;
  const body = wishes.peek().showsText ? t(call.call_type === "video" ? "incomingVideo" : "incomingAudio", { name }) : "";
  const tag = `call:${call.id}`;
  signal.addEventListener("abort", () => void takeAway(tag));
  await show({ title: t("noticeRing"), body, tag, url: `/app/messages/${call.conversation_id}`, stays: true }).catch(() => undefined);
}
