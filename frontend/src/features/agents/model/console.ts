import { computed, effect, signal } from "@preact/signals";

import { ApiError, currentUser, isAbort } from "@/lib/api";
import { uuid } from "@/lib/uuid";

import type { Approval, Draft, Estimate, Run } from "../shapes";
import * as server from "./api";
import { followRun, type RunSource } from "./follow";
import { isLive, RunModel } from "./run";

const resume: RunSource["resume"] = (id, position, abort) => server.resumeRun(id, position, abort);

export interface Question {
  readonly input: string;
  readonly history: { role: "user" | "assistant"; content: string }[];
  readonly client_id: string;
  readonly really_call: boolean;
}

/** Who is asked: an agent as it stands in the builder, or a template that nobody has made an agent of. */
export interface Asked {
  readonly begin: (question: Question, signal: AbortSignal) => Promise<Response>;
  readonly estimate: (input: string, draft: Draft, signal: AbortSignal) => Promise<Estimate>;
  /** Its runs of before, newest first; absent: they are kept apart from each other. */
  readonly runs?: (signal: AbortSignal) => Promise<readonly Run[]>;
}

/** What is tried in the builder: questions, and the runs they set going. Lives as long as the page of the client. */
export class Console {
  readonly runs = signal<readonly RunModel[]>([]);
  readonly text = signal("");
  /** Off: calls are built, signed and shown, and not sent. */
  readonly isReal;
  readonly current = computed(() => this.runs.value.findLast((run) => run.isLive.value) ?? null);
  private readonly aborts = new Set<AbortController>();
  private hasLooked = false;

  constructor(
    readonly asked: Asked,
    isReal: boolean,
  ) {
    this.isReal = signal(isReal);
  }

  /** `before`: what must have been done before it runs, such as keeping the draft that it runs with. */
  async send(before: () => Promise<void>): Promise<void> {
    const input = this.text.peek().trim();
    if (input === "" || this.current.peek() !== null) return;
    const run = new RunModel(input);
    run.isDry.value = !this.isReal.peek();
    const history = this.history();
    this.text.value = "";
    this.runs.value = [...this.runs.peek(), run];
    const body = { input, history, client_id: uuid(), really_call: this.isReal.peek() };
    try {
      await before();
    } catch (error) {
      this.fail(run, error);
      return;
    }
    await this.follow(run, { open: (abort) => this.asked.begin(body, abort), resume });
  }

  async stop(): Promise<void> {
    const id = this.current.peek()?.id.peek();
    if (typeof id === "string") await server.stopRun(id);
  }

  /** One more budget for the same run. */
  async goOn(run: RunModel): Promise<void> {
    const id = run.id.peek();
    if (id === null) return;
    run.reopen();
    await this.follow(run, { open: (abort) => server.continueRun(id, abort), resume });
  }

  async decide(run: RunModel, approval: Approval, decision: "approve" | "deny", remember: boolean): Promise<void> {
    run.adopt(await server.decide(approval, decision, remember));
  }

  clear(): void {
    this.detach();
    this.runs.value = [];
  }

  /** A run of before that goes on, or waits for a person, is shown again. */
  async attach(): Promise<void> {
    if (this.hasLooked || this.runs.peek().length > 0) return;
    this.hasLooked = true;
    const abort = new AbortController();
    const live = (await this.asked.runs?.(abort.signal))?.find((run) => run.trigger === "console" && isLive(run.state));
    if (live === undefined || this.runs.peek().length > 0) return;
    const run = new RunModel(live.prompt ?? "");
    run.adopt(await server.readRun(live.id));
    this.runs.value = [run];
    if (run.isLive.peek()) await this.follow(run, { resume });
  }

  /** Nobody looks any more. The runs go on at the server. */
  detach(): void {
    for (const abort of this.aborts) abort.abort();
    this.aborts.clear();
  }

  /** What was said before, for a model that otherwise knows the last question alone. */
  private history(): Question["history"] {
    return this.runs.peek().flatMap((run) => {
      const answer = run.steps.peek().findLast((step) => step.kind === "model")?.text.peek() ?? "";
      return answer === "" ? [] : [{ role: "user" as const, content: run.prompt }, { role: "assistant" as const, content: answer }];
    });
  }

  private async follow(run: RunModel, source: RunSource): Promise<void> {
    const abort = new AbortController();
    this.aborts.add(abort);
    const end = await followRun({ run, source, signal: abort.signal });
    this.aborts.delete(abort);
    if (end.kind === "error") this.fail(run, end.error);
    else if (end.kind === "unreachable") this.fail(run, new ApiError("unreachable", 0, "network"));
    else if (end.kind === "settled" || end.kind === "ended") await this.read(run);
  }

  /** The stream has ended: the rows know all of it, such as what a call was given. */
  private async read(run: RunModel): Promise<void> {
    const id = run.id.peek();
    if (id === null) return;
    await server.readRun(id).then(
      (detail) => run.adopt(detail),
      (error: unknown) => {
        if (run.end.peek() === null) this.fail(run, error);
      },
    );
  }

  private fail(run: RunModel, error: unknown): void {
    if (isAbort(error)) return;
    run.finish({ state: "failed", reason: null, error: error instanceof ApiError ? error : new ApiError(String(error), 0, "error") });
  }
}

const consoles = new Map<string, Console>();

/** One for each agent, so that a look at a trace does not lose it. */
export function consoleOf(agentId: string): Console {
  return kept(agentId, () => {
    const asked: Asked = {
      begin: (question, abort) => server.execute(agentId, { ...question, draft: true }, abort),
      estimate: (input, draft, abort) => server.estimate({ agent_id: agentId, draft, input }, abort),
      runs: async (abort) => (await server.listRuns(agentId, abort)).results,
    };
    return new Console(asked, false);
  });
}

/** Of a template: what it calls stands inside the house, so calls are made unless one says otherwise. */
export function consoleOfTemplate(template: string, question: string): Console {
  return kept(`template:${template}`, () => {
    const asked: Asked = {
      begin: (body, abort) => server.tryTemplate(template, body, abort),
      estimate: (input, _draft, abort) => server.estimate({ template, input }, abort),
    };
    const made = new Console(asked, true);
    made.text.value = question;
    return made;
  });
}

function kept(key: string, make: () => Console): Console {
  const known = consoles.get(key) ?? make();
  consoles.set(key, known);
  return known;
}

effect(() => {
  // A template's is the same for all: whoever signs in next in this tab finds nothing of what was asked.
  if (currentUser.value !== null) return;
  for (const one of consoles.values()) one.detach();
  consoles.clear();
});
