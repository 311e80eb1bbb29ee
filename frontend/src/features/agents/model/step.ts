import { signal } from "@preact/signals";

import { AnswerText } from "@/lib/growingText";

import type { Approval, Effect, Step, StepState } from "../shapes";
import type { StepFrame } from "./frames";

/** What is shown of one step while it runs; all of it stands in the trace. */
export interface StepData {
  readonly state: StepState;
  /** Counts the tries of a model; the words of one that broke are gone. */
  readonly attempt: number;
  readonly isClosing: boolean;
  readonly name: string;
  readonly arguments: unknown;
  readonly effect: Effect | null;
  readonly statusCode: number | null;
  readonly seconds: number | null;
  readonly bytes: number | null;
  /** As it was built, secrets masked; known once the rows were read. */
  readonly request: Step["request"];
  readonly result: string | null;
  readonly error: string | null;
  readonly tokens: number | null;
  readonly approval: Approval | null;
}

const BLANK: StepData = {
  state: "open",
  attempt: 1,
  isClosing: false,
  name: "",
  arguments: null,
  effect: null,
  statusCode: null,
  seconds: null,
  bytes: null,
  request: null,
  result: null,
  error: null,
  tokens: null,
  approval: null,
};

const ENDED: readonly StepState[] = ["done", "failed", "denied", "unknown"];

/** One answer of the model, or one call, as it comes. */
export class StepModel {
  readonly data = signal<StepData>(BLANK);
  readonly text = signal("");
  private incoming = new AnswerText();

  constructor(
    readonly n: number,
    readonly kind: "model" | "tool",
  ) {}

  get isOver(): boolean {
    return ENDED.includes(this.data.peek().state);
  }

  /** Where the words that are here end, in code points. */
  get length(): number {
    return this.incoming.length;
  }

  change(change: Partial<StepData>): void {
    this.data.value = { ...this.data.peek(), ...change };
  }

  /** It begins, perhaps not for the first time: a try that broke left words that nobody will finish. */
  begin({ attempt, state, is_closing: isClosing, name, arguments: given, effect }: StepFrame): void {
    if (attempt > this.data.peek().attempt) {
      this.incoming = new AnswerText();
      this.text.value = "";
    }
    this.change({ attempt: Math.max(attempt, this.data.peek().attempt), state, isClosing, name, arguments: given, effect });
  }

  /** A call is over. */
  end(frame: StepFrame): void {
    const { approval } = this.data.peek();
    this.begin(frame);
    this.change({
      statusCode: frame.status_code,
      seconds: frame.seconds,
      bytes: frame.bytes,
      result: frame.result,
      error: frame.error,
      approval: approval?.state === "waiting" ? { ...approval, state: frame.state === "denied" ? "denied" : "approved" } : approval,
    });
  }

  /** False: words before the delta are missing. */
  append(delta: string, end: number): boolean {
    const isWhole = this.incoming.append(delta, end);
    if (isWhole && this.text.peek() !== this.incoming.value) this.text.value = this.incoming.value;
    return isWhole;
  }

  /** As the server keeps it. Words that are further here than there stay: they are on their way to be kept. */
  adopt(step: Step): void {
    if (step.attempt > this.data.peek().attempt) this.incoming = new AnswerText();
    this.incoming.adopt(step.text ?? "");
    this.text.value = this.incoming.value;
    this.change({
      state: step.state,
      attempt: step.attempt,
      isClosing: step.is_closing,
      name: step.name,
      arguments: step.arguments,
      effect: step.effect,
      statusCode: step.status_code,
      seconds: secondsOf(step),
      request: step.request,
      result: step.result,
      error: step.error,
      tokens: step.prompt_tokens + step.completion_tokens || null,
      approval: step.approval,
    });
  }
}

/** How long a step took; null while it runs. */
export function secondsOf({ started_at: started, finished_at: finished }: Pick<Step, "started_at" | "finished_at">): number | null {
  return finished === null ? null : Math.max(0, (Date.parse(finished) - Date.parse(started)) / 1000);
}
