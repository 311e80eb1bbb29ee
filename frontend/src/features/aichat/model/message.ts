import { signal, type Signal } from "@preact/signals";

import { AnswerText } from "../stream/text";
import type { DoneFrame, Message, Notice } from "../shapes";

/** What happens to a message right now, as opposed to its stored status. */
export type Phase =
  | "settled"
  /** Asked for; no word yet. */
  | "waiting"
  | "streaming"
  /** The connection broke and is being made again by itself. */
  | "reconnecting"
  /** It could not be made again; the answer may be going on at the server. */
  | "lost";

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
  readonly phase: Signal<Phase>;
  readonly notice = signal<Notice | null>(null);
  /** What to do again when this answer could not be had. */
  redo: (() => void) | null = null;
  readonly incoming: AnswerText;

  constructor(data: Message, phase: Phase = "settled") {
    this.data = signal(data);
    this.text = signal(data.content);
    this.phase = signal(phase);
    this.incoming = new AnswerText(data.content);
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
    this.data.value = data;
    this.text.value = this.incoming.value;
  }

  textGrew(): void {
    if (this.incoming.length > 0 && this.phase.value !== "streaming") this.phase.value = "streaming";
    this.text.value = this.incoming.value;
  }

  finish(frame: DoneFrame): void {
    const { prompt_tokens, completion_tokens, total_tokens, finish_reason, estimated, status } = frame;
    const tokens = { prompt_tokens, completion_tokens, total_tokens, finish_reason, estimated };
    this.settle({ ...tokens, status, error: null });
  }

  settle(change: Partial<Message>): void {
    this.text.value = this.incoming.value;
    this.data.value = { ...this.data.value, ...change, content: this.incoming.value };
    this.phase.value = "settled";
  }
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
    error: null,
    attachments: [],
    sibling_ids: [],
    client_id: clientId,
    created_at: new Date().toISOString(),
    ...fields,
  };
}
