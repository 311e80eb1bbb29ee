import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import type { Console } from "../model/console";
import type { Draft, Estimate } from "../shapes";

const PAUSE_MS = 400;

/** What a question would take; asked when the typing pauses. Null while nothing is written, or it is not known. */
export function useEstimate({ asked }: Console, input: string, draft: Draft): Estimate | null {
  const known = useSignal<Estimate | null>(null);
  const isWanted = input.trim() !== "";
  const changes = JSON.stringify(draft);

  useEffect(() => {
    if (!isWanted) {
      known.value = null;
      return;
    }
    const abort = new AbortController();
    const timer = setTimeout(() => {
      // Without the number one can still send; the server looks again anyway.
      asked.estimate(input, JSON.parse(changes) as Draft, abort.signal).then(
        (answer) => (known.value = answer),
        () => {
          if (!abort.signal.aborted) known.value = null;
        },
      );
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [asked, input, changes, isWanted, known]);

  return known.value;
}
