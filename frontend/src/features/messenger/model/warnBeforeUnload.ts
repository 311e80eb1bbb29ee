import { effect } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";

/** The browser asks before it leaves this page, as long as something would be lost with it. Answers the end. */
export function warnBeforeUnload(wouldLose: ReadonlySignal<boolean>): () => void {
  return effect(() => {
    if (!wouldLose.value) return;
    const ask = (event: Event) => event.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  });
}
