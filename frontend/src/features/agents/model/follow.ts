import { ApiError, readError } from "@/lib/api";
import { backoff, pause } from "@/lib/patience";
import { readEvents, StreamBrokenError } from "@/lib/sse";

import type { RunModel } from "./run";

/** How a run is reached: the request that begins it, and the one that picks it up again. */
export interface RunSource {
  /** POST that begins it, or goes on with it. A repeat attaches and is not charged. Absent for one that runs. */
  readonly open?: (signal: AbortSignal) => Promise<Response>;
  readonly resume: (runId: string, position: string, signal: AbortSignal) => Promise<Response>;
}

export type Outcome =
  | { readonly kind: "ended" }
  /** The server says that nothing is missing, but not how it ended: read the run. */
  | { readonly kind: "settled" }
  | { readonly kind: "error"; readonly error: ApiError }
  /** It could not be reached, and nobody knows whether it has begun. */
  | { readonly kind: "unreachable" }
  | { readonly kind: "aborted" };

export interface FollowOptions {
  readonly run: RunModel;
  readonly source: RunSource;
  readonly signal: AbortSignal;
  readonly wait?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  readonly random?: () => number;
}

/** Three missed heartbeats (one every 15 s): the connection is half open and will never speak again. */
const SILENCE_MS = 45_000;
/** Of a run that nobody knows of; one that has begun is followed until the server is back. */
const MAX_FAILURES = 9;
const TRY_AGAIN = new Set([0, 408, 425, 502, 503, 504]);

/** Follow a run to its end over as many connections as it takes; what is heard twice is heard once. */
export async function followRun({ run, source, signal, wait = pause, random = Math.random }: FollowOptions): Promise<Outcome> {
  let isOpened = source.open === undefined;
  const connect = (): Promise<Response> => {
    const id = run.id.peek();
    if (source.open !== undefined && (id === null || !isOpened)) return source.open(signal);
    if (id === null) throw new TypeError("A run needs either a way to begin it or its id");
    return source.resume(id, run.position, signal);
  };

  for (let failures = 0; ;) {
    try {
      const response = await connect();
      if (response.status === 204) return { kind: "settled" };
      if (!response.ok) throw await readError(response);
      isOpened = true;
      for await (const batch of readEvents(response.body ?? new Blob().stream(), { silenceMs: SILENCE_MS })) {
        failures = 0;
        run.isReconnecting.value = false;
        const heard = hearAll(run, batch);
        if (heard === "end") return { kind: "ended" };
        if (heard === "gap") break;
      }
    } catch (error) {
      if (signal.aborted) return { kind: "aborted" };
      if (error instanceof ApiError && !TRY_AGAIN.has(error.status)) return { kind: "error", error };
      if (!(error instanceof ApiError || error instanceof StreamBrokenError)) throw error;
    }
    // Here the stream was refused, broke, or ended without its last frame.
    failures += 1;
    if (run.id.peek() === null && failures > MAX_FAILURES) return { kind: "unreachable" };
    if (!signal.aborted) {
      run.isReconnecting.value = true;
      await wait(backoff(failures, random), signal);
    }
    if (signal.aborted) return { kind: "aborted" };
  }
}

function hearAll(run: RunModel, batch: Parameters<RunModel["hear"]>[0][]): ReturnType<RunModel["hear"]> {
  for (const event of batch) {
    const heard = run.hear(event);
    if (heard !== "more") return heard;
  }
  return "more";
}
