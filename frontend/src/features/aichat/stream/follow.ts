import { ApiError, errorFromBody, readError } from "@/lib/api";
import type { AnswerText } from "@/lib/growingText";
import { backoff, pause } from "@/lib/patience";
import { readEvents, StreamBrokenError, type ServerSentEvent } from "@/lib/sse";

import type { DeltaFrame, DoneFrame, StartFrame, ThinkingFrame } from "../shapes";

/** How one answer is reached: the request that begins it, and the one that picks it up again. */
export interface AnswerSource {
  /** POST that begins the answer. Absent when it already runs and is only attached to. */
  readonly open?: (signal: AbortSignal) => Promise<Response>;
  /** The server would answer a repeated `open` twice, so when its response is lost nobody asks again unasked. */
  readonly openOnce?: boolean;
  readonly resume: (messageId: string, position: number, signal: AbortSignal) => Promise<Response>;
}

export interface AnswerEvents {
  onStart(frame: StartFrame): void;
  /** `text` has grown. */
  onText(): void;
  /** The model thinks; no position of the text moves by it. */
  onThinking(frame: ThinkingFrame): void;
  /** The connection is gone and is being made again. */
  onReconnecting(): void;
}

export type Outcome =
  | { readonly kind: "done"; readonly frame: DoneFrame }
  /** The server says that nothing is missing but not how the answer ended: read the message. */
  | { readonly kind: "settled" }
  | { readonly kind: "error"; readonly error: ApiError }
  /** The server could not be reached, and nobody knows whether it has begun to answer. */
  | { readonly kind: "unreachable" }
  | { readonly kind: "aborted" };

export interface FollowOptions {
  readonly source: AnswerSource;
  readonly events: AnswerEvents;
  readonly text: AnswerText;
  /** Known when attaching; otherwise learned from the start frame. */
  readonly messageId?: string;
  readonly signal: AbortSignal;
  readonly wait?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  readonly random?: () => number;
}

/** Three missed heartbeats (one every 15 s): the connection is half open and will never speak again. */
const SILENCE_MS = 45_000;
/**
 * Of an answer that never began: the waits add up to about a minute and a half, then a person decides. One that runs is
 * followed until the server is back, as nobody else would bring its words.
 */
const MAX_FAILURES = 9;
const TRY_AGAIN = new Set([0, 408, 425, 502, 503, 504]);

/**
 * Follow one answer to its end over as many connections as it takes.
 *
 * Exactly-once text rests on positions, not on connections: every delta says where it ends, and `AnswerText` drops what
 * it has and reports what it lacks. So a repeated POST (same client id), a resume and an overlap are all the same case.
 */
export async function followAnswer(options: FollowOptions): Promise<Outcome> {
  const { source, events, text, signal, wait = pause, random = Math.random } = options;
  let messageId = options.messageId;

  const connect = (): Promise<Response> => {
    if (messageId !== undefined) return source.resume(messageId, text.length, signal);
    if (source.open === undefined) throw new TypeError("An answer needs either a way to open it or its id");
    return source.open(signal);
  };

  for (let failures = 0; ;) {
    try {
      const response = await connect();
      if (response.status === 204) return { kind: "settled" };
      if (!response.ok) throw await readError(response);
      for await (const batch of readEvents(response.body ?? new Blob().stream(), { silenceMs: SILENCE_MS })) {
        failures = 0;
        const progress = applyAll(batch, text, events);
        if (progress.outcome !== undefined) return progress.outcome;
        messageId = progress.messageId ?? messageId;
        if (progress.gap) break;
      }
    } catch (error) {
      if (signal.aborted) return { kind: "aborted" };
      if (error instanceof ApiError && !TRY_AGAIN.has(error.status)) return { kind: "error", error };
      if (!(error instanceof ApiError || error instanceof StreamBrokenError)) throw error;
    }
    // Here the stream was refused, broke, or ended without its last frame.
    failures += 1;
    if (messageId === undefined && source.openOnce === true) return { kind: "unreachable" };
    if (messageId === undefined && failures > MAX_FAILURES) return { kind: "unreachable" };
    if (!signal.aborted) {
      events.onReconnecting();
      await wait(backoff(failures, random), signal);
    }
    if (signal.aborted) return { kind: "aborted" };
  }
}

interface Progress {
  messageId?: string;
  outcome?: Outcome;
  /** Text before a delta is missing: ask again from where ours ends. */
  gap?: boolean;
}

function applyAll(batch: readonly ServerSentEvent[], text: AnswerText, events: AnswerEvents): Progress {
  const progress: Progress = {};
  for (const event of batch) {
    apply(event, text, events, progress);
    if (progress.outcome !== undefined || progress.gap) break;
  }
  events.onText();
  return progress;
}

function apply(event: ServerSentEvent, text: AnswerText, events: AnswerEvents, progress: Progress): void {
  if (event.event === "start") {
    const frame = JSON.parse(event.data) as StartFrame;
    text.adopt(frame.message.content);
    progress.messageId = frame.message.id;
    events.onStart(frame);
    return;
  }
  if (event.event === "thinking") {
    // It has no id of its own: what it says of positions is in its data.
    events.onThinking(JSON.parse(event.data) as ThinkingFrame);
    return;
  }
  if (event.event === "error") {
    progress.outcome = { kind: "error", error: errorFromBody(JSON.parse(event.data), 200) };
    return;
  }
  const frame = JSON.parse(event.data) as DeltaFrame | DoneFrame;
  // The last frame's id (`312.done`) names the length too, so even a lost last delta is noticed.
  const complete = text.append(frame.delta, Number.parseInt(event.id, 10));
  if (!complete) progress.gap = true;
  else if (frame.done) progress.outcome = { kind: "done", frame };
}
