import { computed, signal } from "@preact/signals";

import { errorFromBody, type ApiError } from "@/lib/api";
import type { ServerSentEvent } from "@/lib/sse";

import type { Approval, Reason, Run, RunDetail, RunState } from "../shapes";
import type { DeltaFrame, DoneFrame, StartFrame, StepFrame, UsageFrame } from "./frames";
import { StepModel } from "./step";

/** What a frame meant for whoever reads the stream. */
export type Heard =
  | "more"
  /** Words before it are missing: ask again from `position`. */
  | "gap"
  /** It was the last one. */
  | "end";

export interface RunEnd {
  readonly state: RunState;
  readonly reason: Reason | null;
  readonly error: ApiError | null;
}

const LIVE: readonly RunState[] = ["queued", "running", "waiting"];

export function isLive(state: RunState): boolean {
  return LIVE.includes(state);
}

/**
 * One run as the console shows it: its steps, its words, what it has cost. It is told frame by frame and does not care
 * over how many connections they come: a frame that is here already changes nothing, one that does not fit says so.
 */
export class RunModel {
  readonly id = signal<string | null>(null);
  readonly steps = signal<readonly StepModel[]>([]);
  readonly state = signal<RunState>("queued");
  readonly tokens = signal(0);
  readonly isEstimated = signal(false);
  readonly atMost = signal<number | null>(null);
  readonly calls = signal(0);
  readonly end = signal<RunEnd | null>(null);
  readonly isReconnecting = signal(false);
  /** Calls are built and shown, and not sent. */
  readonly isDry = signal(false);
  /** What waits for a person now. */
  readonly asking = computed<readonly Approval[]>(() =>
    this.steps.value.flatMap((step) => {
      const { state, approval } = step.data.value;
      return state === "asking" && approval?.state === "waiting" ? [approval] : [];
    }),
  );
  readonly isLive = computed(() => this.end.value === null && isLive(this.state.value));

  private last = "";

  constructor(readonly prompt: string) {}

  /** The id of what was heard last, to ask again from; empty: all of it. */
  get position(): string {
    return this.last;
  }

  hear(event: ServerSentEvent): Heard {
    const heard = this.take(event);
    if (heard === "more") this.last = event.id;
    return heard;
  }

  /** As the server keeps it, steps included. */
  adopt(run: RunDetail): void {
    this.id.value = run.id;
    for (const step of run.trace) this.at(step.n, step.kind).adopt(step);
    this.figures(run);
    if (!isLive(run.state)) this.finish({ state: run.state, reason: run.reason, error: run.error && errorFromBody(run.error, 200) });
    else {
      this.state.value = run.state;
      this.end.value = null;
    }
  }

  /** It gets another budget. */
  reopen(): void {
    this.end.value = null;
    this.state.value = "queued";
  }

  finish(end: RunEnd): void {
    this.state.value = end.state;
    this.end.value = end;
    this.isReconnecting.value = false;
  }

  private take({ event, data, id }: ServerSentEvent): Heard {
    switch (event) {
      case "start":
        this.begin(JSON.parse(data) as StartFrame);
        return "more";
      case "step":
        this.step(JSON.parse(data) as StepFrame, id.endsWith(".e"));
        return "more";
      case "approval":
        this.ask(JSON.parse(data) as Approval);
        return "more";
      case "usage":
        this.use(JSON.parse(data) as UsageFrame);
        return "more";
      case "error":
        this.fail(JSON.parse(data) as Record<string, unknown>);
        return "end";
      case "message":
        return this.write(JSON.parse(data) as DeltaFrame | DoneFrame, id);
      default:
        // What a later server says beside these.
        return "more";
    }
  }

  private figures(run: Run): void {
    this.isDry.value = run.is_dry;
    this.tokens.value = run.total_tokens;
    this.isEstimated.value = run.estimated;
    this.atMost.value = run.at_most;
    this.calls.value = run.calls;
  }

  private begin({ run }: StartFrame): void {
    this.id.value = run.id;
    this.atMost.value = run.at_most;
    this.end.value = null;
    if (isLive(run.state)) this.state.value = run.state;
  }

  private step(frame: StepFrame, isEnd: boolean): void {
    const step = this.at(frame.n, frame.kind);
    if (isEnd) step.end(frame);
    // What has ended begins again only as another try.
    else if (!step.isOver || frame.attempt > step.data.peek().attempt) step.begin(frame);
    if (this.state.peek() === "queued" || (this.state.peek() === "waiting" && this.asking.peek().length === 0)) {
      this.state.value = "running";
    }
    this.calls.value = this.steps.peek().filter((one) => one.kind === "tool").length;
  }

  private ask(frame: Approval): void {
    const step = this.at(frame.n, "tool");
    if (step.isOver) return;
    step.change({ state: "asking", name: frame.name, arguments: frame.arguments, approval: frame });
    this.state.value = "waiting";
  }

  private use({ n, prompt_tokens: read, completion_tokens: written, run_tokens: all, estimated }: UsageFrame): void {
    const step = this.steps.peek().find((one) => one.n === n);
    step?.change({ tokens: read + written, ...(step.kind === "model" && { state: "done" }) });
    // A frame that comes again may be older than what is known.
    this.tokens.value = Math.max(all, this.tokens.peek());
    this.isEstimated.value = this.isEstimated.peek() || estimated;
  }

  private write(frame: DeltaFrame | DoneFrame, id: string): Heard {
    if (frame.done) {
      this.tokens.value = frame.total_tokens;
      this.calls.value = frame.calls;
      this.finish({ state: frame.state, reason: frame.reason, error: null });
      return "end";
    }
    const step = this.at(frame.n, "model");
    if (step.append(frame.delta, Number.parseInt(id.split(".")[1] ?? "", 10))) return "more";
    this.last = `${step.n}.${step.length === 0 ? "s" : step.length}`;
    return "gap";
  }

  private fail(body: Record<string, unknown>): void {
    const { state = "failed", reason = null, total_tokens: tokens } = body as { state?: RunState; reason?: Reason | null; total_tokens?: number };
    if (tokens !== undefined) this.tokens.value = tokens;
    this.finish({ state, reason, error: errorFromBody(body, 200) });
  }

  private at(n: number, kind: "model" | "tool"): StepModel {
    const known = this.steps.peek().find((step) => step.n === n);
    if (known !== undefined) return known;
    const step = new StepModel(n, kind);
    this.steps.value = [...this.steps.peek(), step].sort((a, b) => a.n - b.n);
    return step;
  }
}
