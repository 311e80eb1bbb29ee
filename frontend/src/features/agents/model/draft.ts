import { computed, signal } from "@preact/signals";

import { ApiError } from "@/lib/api";
import { backoff, pause } from "@/lib/patience";

import type { Agent, Draft } from "../shapes";

/** Who an agent is, and its bounds: what is written in the builder and published together. */
export interface Fields {
  name: string;
  system_prompt: string;
  model: string;
  temperature: number | null;
  max_tokens: number;
  history_tokens: number;
  max_steps: number;
  max_calls: number;
  max_seconds: number;
  run_tokens: number;
}

export type DraftState =
  /** What is on the screen is at the server. */
  | "saved"
  | "waiting"
  | "saving"
  /** The server was not reached; it is tried again. */
  | "retrying"
  /** The server does not take it: it is tried again once it was changed. */
  | "refused";

/** What the keeper asks of the server. What it answers to a draft is not looked at: the screen may be ahead of it. */
export interface DraftServer {
  save(draft: Draft, isLeaving: boolean): Promise<unknown>;
  publish(): Promise<Agent>;
}

interface Options {
  readonly restMs?: number;
  readonly wait?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

/** A pause in the typing, after which it is kept. */
const REST_MS = 700;
const TRY_AGAIN = new Set([0, 408, 425, 429, 500, 502, 503, 504]);

export function publishedFields({ name, system_prompt, model, temperature, max_tokens, limits }: Agent): Fields {
  const { history_tokens, max_steps, max_calls, max_seconds, run_tokens } = limits;
  return { name, system_prompt, model, temperature, max_tokens, history_tokens, max_steps, max_calls, max_seconds, run_tokens };
}

/** What differs, by the names of the server. */
export function difference(fields: Fields, published: Fields): Partial<Fields> {
  const names = (Object.keys(fields) as (keyof Fields)[]).filter((name) => fields[name] !== published[name]);
  return Object.fromEntries(names.map((name) => [name, fields[name]]));
}

/**
 * Keeps what is written in the builder: after each pause, one request at a time, the newest state last. An answer never
 * changes what is on the screen, so words typed while it was on its way are safe.
 */
export class DraftKeeper {
  readonly fields = signal<Fields>(EMPTY);
  readonly published = signal<Fields>(EMPTY);
  readonly version = signal(1);
  readonly state = signal<DraftState>("saved");
  readonly trouble = signal<unknown>(null);
  readonly changes = computed(() => difference(this.fields.value, this.published.value));
  readonly isDirty = computed(() => Object.keys(this.changes.value).length > 0);
  /** The draft as the server has it, in JSON. */
  private kept: string;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private running: Promise<void> | null = null;
  private readonly abort = new AbortController();
  private readonly restMs: number;
  private readonly wait: NonNullable<Options["wait"]>;

  constructor(
    agent: Agent,
    private readonly server: DraftServer,
    { restMs = REST_MS, wait = pause }: Options = {},
  ) {
    this.restMs = restMs;
    this.wait = wait;
    const published = publishedFields(agent);
    this.published.value = published;
    this.version.value = agent.version;
    this.fields.value = { ...published, ...known(agent.draft) };
    this.kept = this.wanted();
  }

  change(change: Partial<Fields>): void {
    this.fields.value = { ...this.fields.peek(), ...change };
    clearTimeout(this.timer);
    if (this.wanted() === this.kept && this.running === null) {
      this.rest();
      return;
    }
    if (this.running === null) this.state.value = "waiting";
    this.timer = setTimeout(() => void this.flush().catch(() => undefined), this.restMs);
  }

  /** Everything that is written goes to the server now. Rejects when it was refused. */
  async flush(): Promise<void> {
    clearTimeout(this.timer);
    this.running ??= this.saveAll().finally(() => (this.running = null));
    await this.running;
  }

  /** What is written becomes what the agent is. What is typed meanwhile is a draft again. */
  async publish(): Promise<Agent> {
    await this.flush();
    const agent = await this.server.publish();
    this.published.value = publishedFields(agent);
    this.version.value = agent.version;
    this.kept = "{}";
    if (this.wanted() !== this.kept) this.change({});
    return agent;
  }

  discard(): void {
    this.change(this.published.peek());
  }

  /** Another part of the builder has changed what is published, such as a version that counts functions. */
  follow(agent: Agent): void {
    this.version.value = agent.version;
  }

  /** The page goes away: the last words go with it. */
  leave(): void {
    clearTimeout(this.timer);
    if (this.wanted() !== this.kept) void this.server.save(this.changes.peek(), true).catch(() => undefined);
    this.abort.abort();
  }

  private isGone(): boolean {
    return this.abort.signal.aborted;
  }

  private wanted(): string {
    return JSON.stringify(this.changes.peek());
  }

  private async saveAll(): Promise<void> {
    for (let failures = 0; this.wanted() !== this.kept; ) {
      const draft = this.changes.peek();
      this.state.value = failures === 0 ? "saving" : "retrying";
      try {
        await this.server.save(draft, false);
        this.kept = JSON.stringify(draft);
        failures = 0;
      } catch (error) {
        if (this.isGone()) return;
        this.trouble.value = error;
        if (!(error instanceof ApiError) || !TRY_AGAIN.has(error.status)) {
          // What was typed meanwhile may be what the server wants.
          if (JSON.stringify(draft) !== this.wanted()) continue;
          this.state.value = "refused";
          throw error;
        }
        failures += 1;
        this.state.value = "retrying";
        await this.wait(backoff(failures, Math.random), this.abort.signal);
        if (this.isGone()) return;
      }
    }
    this.rest();
  }

  private rest(): void {
    this.state.value = "saved";
    this.trouble.value = null;
  }
}

const EMPTY: Fields = {
  name: "",
  system_prompt: "",
  model: "",
  temperature: null,
  max_tokens: 0,
  history_tokens: 0,
  max_steps: 0,
  max_calls: 0,
  max_seconds: 0,
  run_tokens: 0,
};

/** A draft may hold more than this client knows, or less. */
function known(draft: Agent["draft"]): Partial<Fields> {
  return Object.fromEntries(Object.entries(draft ?? {}).filter(([name]) => name in EMPTY));
}
