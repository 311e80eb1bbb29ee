/** The one place that makes sound by itself. Browsers let a page be heard after the first press in it. */
let context: AudioContext | null = null;

/** Null where there is none. It may be suspended until somebody presses something. */
export function audioContext(): AudioContext | null {
  if (!("AudioContext" in globalThis)) return null;
  context ??= new AudioContext();
  return context;
}

/** From a press: from then on a ring can be heard. */
export async function unlockSound(): Promise<void> {
  const made = audioContext();
  if (made?.state === "suspended") await made.resume().catch(() => undefined);
}

/** To be called once: the first press anywhere unlocks it. */
export function unlockAtFirstPress(): void {
  const end = new AbortController();
  const unlock = () => {
    end.abort();
    void unlockSound();
  };
  for (const type of ["pointerdown", "keydown"]) window.addEventListener(type, unlock, { signal: end.signal, capture: true });
}
