/** Where the call stands on the screen, and the buttons that begin one. */
import { signal } from "@preact/signals";

import { navigate } from "@/lib/router";
import { isAtLeast, toast } from "@/ui";

import { calls } from "./model";
import type { CallTarget } from "./model";
import type { CallShape, CallType } from "./model/shapes";
import { unlockSound } from "./model/sound";
import { refusalText } from "./trouble";

/** All over the screen, or a bar. */
export const isLarge = signal(true);

export function begin(target: CallTarget, type: CallType): void {
  enlarge(target.conversationId);
  void unlockSound();
  void calls().start(target, type).then(sayRefusal);
}

export function pickUp(call: CallShape, title: string, options: { video?: boolean; move?: boolean }): void {
  enlarge(call.conversation_id);
  void unlockSound();
  void calls().answer(call, title, options).then(sayRefusal);
}

export function goBack(call: CallShape, title: string): void {
  enlarge(call.conversation_id);
  void unlockSound();
  void calls().goBack(title).then(sayRefusal);
}

/** On a desk the messages stand beside it, so one goes there. */
export function enlarge(conversationId: string): void {
  isLarge.value = true;
  if (isAtLeast("desk")) navigate(`/app/messages/${conversationId}`);
}

function sayRefusal(): void {
  const error = calls().refusal.peek();
  if (error !== null) toast(refusalText(error), { tone: "danger" });
}
