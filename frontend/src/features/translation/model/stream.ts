/** The answer of a translation, piece by piece. */
import { ApiError, errorFromBody, readError } from "@/lib/api";
import { readEvents } from "@/lib/sse";

import type { Translated } from "../shapes";

/** Longer than any service may stay silent: the server gives up earlier and says so. */
const SILENCE_MS = 90_000;

/** Hears a stream to its end; rejects with an `ApiError`, also for one that ends without its last word. */
export async function hear(response: Response, onText: (text: string) => void): Promise<Translated> {
  if (!response.ok) throw await readError(response);
  for await (const batch of readEvents(response.body ?? new Blob().stream(), { silenceMs: SILENCE_MS })) {
    let text = "";
    for (const { event, data } of batch) {
      const frame = JSON.parse(data) as Record<string, unknown>;
      if (event === "error" || "error" in frame) throw errorFromBody(frame, Number(frame.status ?? 502));
      if (typeof frame.delta === "string") text += frame.delta;
      if (frame.done === true || event === "done") {
        onText(text);
        return frame as unknown as Translated;
      }
    }
    if (text !== "") onText(text);
  }
  throw new ApiError("The stream ended early", 0, "network");
}
