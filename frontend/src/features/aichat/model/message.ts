import { AnswerText } from "@/lib/growingText";
import { signal, type Signal } from "@preact/signals";

import { Thoughts } from "../stream/thoughts";
import type { DoneFrame, Message, Notice, ThinkingFrame } from "../shapes";

/** What happens to a message right now, as opposed to its stored status. */
export type Phase =
  | "settled"
  /** Asked for; no word yet. */
  | "waiting"
  /** No word yet, but the model is heard thinking. */
  | "thinking"
  | "streaming"
  /** The connection broke and is being made again by itself. */
  | "reconnecting"
  /** It could not be made again; the answer may be going on at the server. */
  | "lost";

/** A question may be asked again in another way than before. */
export interface Redo {
  readonly effort?: string;
}

let created = 0;

/**
 * One message on the screen. `data` changes at turning points, `text` with every piece of a stream, so whoever shows only
 * the one is not drawn again for the other. Whoever draws `text` must do so at its own pace.
 */
export class MessageModel {
  /** Stays the same when a local stand-in becomes the server's message, so its place on the page does too. */
  readonly key = `message-${++created}`;
  readonly data: Signal<Message>;
  readonly text: Signal<string>;
  readonly reasoning: Signal<string>;
  /** When the thinking began, by this machine's clock in ms; null until it is heard of. */
  readonly thinkingSince = signal<number | null>(null);
  readonly phase: Signal<Phase>;
  readonly notice = signal<Notice | null>(null);
  /** The id of the ended model that was asked for, where another one stands in. */
  readonly succeeded = signal<string | null>(null);
  /** Whether its thinking is unfolded; kept here, as a row that is scrolled away is forgotten. */
  readonly isUnfolded = signal(false);
  /** It came to its end in this tab, after so long that a device may be told of it: until somebody has seen it. */
  readonly isFresh = signal(false);
  /** What to do again when this answer could not be had. */
  redo: ((change?: Redo) => void) | null = null;
  readonly incoming: AnswerText;
  private readonly thoughts: Thoughts;

  constructor(data: Message, phase: Phase = "settled") {
    this.data = signal(data);
    this.text = signal(data.content);
    this.reasoning = signal(data.reasoning);
    this.phase = signal(phase);
    this.incoming = new AnswerText(data.content);
    this.thoughts = new Thoughts(data.reasoning);
  }

  get id(): string {
    return this.data.value.id;
  }

  /** Stands in for a message that the server has not named yet. */
  get isLocal(): boolean {
    return isLocalId(this.id);
  }

  /** The server's present version. */
  adopt(data: Message): void {
    this.incoming.adopt(data.content);
    this.thoughts.adopt(data.reasoning);
    this.data.value = data;
    this.text.value = this.incoming.value;
    this.reasoning.value = this.thoughts.value;
  }

  textGrew(): void {
    if (this.incoming.length > 0 && this.phase.value !== "streaming") this.phase.value = "streaming";
    // Also told of what has only been thought.
    if (this.incoming.value !== this.text.peek()) this.stopThinking();
    this.text.value = this.incoming.value;
  }

  thinks({ from, delta, seconds }: ThinkingFrame): void {
    this.thoughts.put(from, delta);
    this.reasoning.value = this.thoughts.value;
    // The frames come rarely, and a clock that goes back would look broken.
    const since = performance.now() - seconds * 1000;
    this.thinkingSince.value = Math.min(this.thinkingSince.peek() ?? since, since);
    if (this.incoming.length === 0) this.phase.value = "thinking";
  }

  finish(frame: DoneFrame): void {
    this.settle({ ...spent(frame), finish_reason: frame.finish_reason, status: frame.status, error: null });
  }

  settle(change: Partial<Message>): void {
    this.text.value = this.incoming.value;
    const [content, reasoning] = [this.incoming.value, this.thoughts.value];
    this.stopThinking();
    this.data.value = { ...this.data.value, ...change, content, reasoning };
    this.phase.value = "settled";
  }

  /** As long as it was seen here; the last event says it better. */
  private stopThinking(): void {
    const since = this.thinkingSince.peek();
    if (since === null) return;
    this.thinkingSince.value = null;
    this.data.value = { ...this.data.peek(), thinking_ms: Math.round(performance.now() - since) };
  }
}

const SPENT = [
  "prompt_tokens",
  "completion_tokens",
  "total_tokens",
  "estimated",
  "reasoning_tokens",
  "thinking_ms",
  "effort",
  "cached_tokens",
  "cache_write_tokens",
  "cost",
  "priced",
  "held_tokens",
  "released_tokens",
] as const satisfies readonly (keyof Message)[];

/** What an answer took, by its last event; a request that was refused as a whole says nothing of it. */
export function spent(frame: Readonly<Record<string, unknown>> | DoneFrame): Partial<Message> {
  const told = Object.entries(frame).filter(([name]) => SPENT.some((known) => known === name));
  return Object.fromEntries(told);
}

const LOCAL = "local-";

export function localId(clientId: string): string {
  return LOCAL + clientId;
}

export function isLocalId(id: string): boolean {
  return id.startsWith(LOCAL);
}

/** A message of this client's making, until the server's own takes its place. */
export function localMessage(role: "user" | "assistant", clientId: string, fields: Partial<Message>): Message {
  return {
    id: localId(`${role}-${clientId}`),
    chat_id: "",
    parent_id: null,
    role,
    content: "",
    status: role === "user" ? "complete" : "pending",
    model: "",
    finish_reason: null,
    prompt_tokens: null,
    completion_tokens: null,
    total_tokens: null,
    estimated: false,
    reasoning: "",
    reasoning_tokens: null,
    thinking_ms: null,
    effort: null,
    cached_tokens: 0,
    cache_write_tokens: 0,
    cost: null,
    priced: null,
    held_tokens: null,
    released_tokens: null,
    withheld: false,
    error: null,
    attachments: [],
    sibling_ids: [],
    client_id: clientId,
    unseen: false,
    created_at: new Date().toISOString(),
    ...fields,
  };
}
