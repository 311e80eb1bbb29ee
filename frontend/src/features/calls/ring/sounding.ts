/** What is heard of a ring, and felt: fetched with the first one. */
import { effect } from "@preact/signals";

import { calls } from "../model";
import { readSettings } from "../model/api";
import { readRoom } from "../model/rooms";
import type { CallShape } from "../model/shapes";
import { KNOCK, play, RING } from "./tone";

export { play, RINGBACK } from "./tone";

const SHAKE = [400, 200, 400];

/** In one tab of this browser: whoever has the lock. When that tab closes, another one goes on. */
export async function soundOne(call: CallShape, signal: AbortSignal): Promise<void> {
  const [room, settings] = await Promise.all([readRoom(call.conversation_id, true), readSettings().catch(() => null)]);
  // Where it cannot be asked, a call is worth a sound.
  if (signal.aborted || room?.isMuted === true || settings?.ring === false) return;
  const { locks } = navigator as Partial<Navigator>;
  const sound = () => soundUntil(call, signal);
  if (locks) await locks.request(`ring:${call.id}`, { signal }, sound).catch(() => undefined);
  else await sound();
}

function soundUntil(call: CallShape, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const all = calls();
    const isTalking = all.session.peek()?.phase.peek() === "in" || all.tabs.elsewhere.peek() !== null;
    const shake = () => {
      if (!isTalking) (navigator as Partial<Navigator>).vibrate?.(SHAKE);
    };
    let silence: (() => void) | null = play(isTalking ? KNOCK : RING, shake);
    const hush = () => {
      silence?.();
      silence = null;
      if (!isTalking) (navigator as Partial<Navigator>).vibrate?.(0);
    };
    const stop = effect(() => {
      if (all.isSilenced(call.id)) hush();
    });
    const done = () => {
      stop();
      hush();
      resolve();
    };
    if (signal.aborted) done();
    else signal.addEventListener("abort", done, { once: true });
  });
}
