import type { ApiError } from "@/lib/api";

import { followAnswer, type AnswerSource } from "../stream/follow";
import type { DoneFrame, StartFrame } from "../shapes";
import { resumeAnswer, stopAnswer } from "./api";
import type { MessageModel } from "./message";

export interface RunEvents {
  onStart(frame: StartFrame): void;
  onEnd(end: RunEnd): void;
}

export type RunEnd =
  | { readonly kind: "done"; readonly frame: DoneFrame }
  | { readonly kind: "settled" }
  | { readonly kind: "error"; readonly error: ApiError }
  | { readonly kind: "unreachable" };

export type Opening = Omit<AnswerSource, "resume">;

/** One answer on its way into one message model. */
export class AnswerRun {
  private readonly abort = new AbortController();
  private stopWanted = false;

  constructor(
    readonly answer: MessageModel,
    private readonly chatId: string,
    private readonly events: RunEvents,
  ) {}

  /** Without `open` the answer already runs at the server and is attached to. */
  async follow(opening: Opening = {}): Promise<void> {
    const { answer, chatId, abort, events } = this;
    const { open } = opening;
    answer.phase.value = answer.incoming.length > 0 && open === undefined ? "streaming" : "waiting";
    const end = await followAnswer({
      text: answer.incoming,
      signal: abort.signal,
      source: {
        ...opening,
        resume: (messageId, position, signal) => resumeAnswer(chatId, messageId, position, signal),
      },
      ...(open === undefined && { messageId: answer.id }),
      events: {
        onStart: (frame) => {
          events.onStart(frame);
          if (this.stopWanted) void this.stop();
        },
        onText: () => answer.textGrew(),
        onThinking: (frame) => answer.thinks(frame),
        onReconnecting: () => (answer.phase.value = "reconnecting"),
      },
    });
    if (end.kind !== "aborted") events.onEnd(end);
  }

  /** Stop the answer at the server; its stream then ends by itself, with what it cost. */
  async stop(): Promise<void> {
    this.stopWanted = true;
    // Not named by the server yet: its start frame will bring us back here.
    if (!this.answer.isLocal) await stopAnswer(this.chatId, this.answer.id);
  }

  /** Look away. The server goes on, and whoever comes back attaches again. */
  detach(): void {
    this.abort.abort();
  }
}
