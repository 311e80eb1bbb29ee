/** The answer of a translation, piece by piece. */
import { ApiError, errorFromBody, readError } from "@/lib/api";
import { readEvents } from "@/lib/sse";

import type { TextTranslated } from "../shapes";

/** Longer than any service may stay silent: the server gives up earlier and says so. */
const SILENCE_MS = 180_000;

/** One of these a frame; `reset`: what was said so far is no good, and is said anew. */
interface Said {
  delta?: string;
  reset?: boolean;
  done?: boolean;
  translation?: TextTranslated;
  error?: string;
}

/**
 * Hears a stream to its end; `onText` has all that was said so far. Rejects with an `ApiError`, also for one that ends
 * without its last word.
 */
export async function hear(response: Response, onText: (text: string) => void): Promise<TextTranslated> {
  if (!response.ok) throw await readError(response);
  let text = "";
  for await (const batch of readEvents(response.body ?? new Blob().stream(), { silenceMs: SILENCE_MS })) {
    for (const { data } of batch) {
      const said = JSON.parse(data) as Said;
      if (said.error !== undefined) throw errorFromBody(said, 502);
      if (said.translation !== undefined) return said.translation;
      text = said.reset === true ? "" : text + (said.delta ?? "");
    }
    onText(text);
  }
  throw new ApiError("The stream ended early", 0, "network");
}
