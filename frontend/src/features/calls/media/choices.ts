/** Which of this machine's devices were chosen. They are this browser's matter, and nobody else's. */
import { effect, signal } from "@preact/signals";
import type { Signal } from "@preact/signals";

export type DeviceKind = "audioinput" | "videoinput" | "audiooutput";

export const chosenMicrophone = kept("kintsugi.call.audioinput");
export const chosenCamera = kept("kintsugi.call.videoinput");
/** Empty for the system's own. */
export const chosenSpeaker = kept("kintsugi.call.audiooutput");

export const CHOSEN: Readonly<Record<DeviceKind, Signal<string>>> = {
  audioinput: chosenMicrophone,
  videoinput: chosenCamera,
  audiooutput: chosenSpeaker,
};

function kept(name: string): Signal<string> {
  const choice = signal(localStorage.getItem(name) ?? "");
  effect(() => {
    if (choice.value === "") localStorage.removeItem(name);
    else localStorage.setItem(name, choice.value);
  });
  return choice;
}
