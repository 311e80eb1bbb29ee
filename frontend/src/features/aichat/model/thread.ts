/** Pure functions over the visible branch of a chat: a list of messages, oldest first. */
import type { Message } from "../shapes";
import { MessageModel } from "./message";

export type Thread = readonly MessageModel[];

/** The thread without anything below `id`; null stands for the root. Unknown ids leave it whole. */
export function upTo(thread: Thread, id: string | null): Thread {
  if (id === null) return [];
  const index = thread.findIndex((message) => message.id === id);
  return index < 0 ? thread : thread.slice(0, index + 1);
}

/** An older page, newest first as the server sends it, put before what is there. */
export function prepend(thread: Thread, older: readonly Message[]): Thread {
  const known = new Set(thread.map((message) => message.id));
  const added = older.filter((message) => !known.has(message.id)).map((message) => new MessageModel(message));
  return [...added.reverse(), ...thread];
}

/** The newest page as the server has it now; models of messages that stay are kept, and with them what they show. */
export function replaceWith(thread: Thread, newestFirst: readonly Message[]): Thread {
  const known = new Map(thread.map((model) => [model.id, model]));
  return newestFirst.toReversed().map((message) => {
    const model = known.get(message.id);
    // A shorter content is a lagging copy, but a message never changes in any other way, so the text can stay.
    model?.adopt(message);
    return model ?? new MessageModel(message);
  });
}

export interface BranchPosition {
  /** From 1. */
  readonly index: number;
  readonly count: number;
  readonly previous: string | null;
  readonly next: string | null;
}

/** Where a message stands among its siblings; null when it has none. */
export function branchPosition({ id, sibling_ids }: Pick<Message, "id" | "sibling_ids">): BranchPosition | null {
  const index = sibling_ids.indexOf(id);
  if (index < 0 || sibling_ids.length < 2) return null;
  return {
    index: index + 1,
    count: sibling_ids.length,
    previous: sibling_ids[index - 1] ?? null,
    next: sibling_ids[index + 1] ?? null,
  };
}

const CONTINUABLE = new Set(["incomplete", "stopped", "failed"]);

/** Whether the server would let this answer grow. An answer without a word is generated anew instead. */
export function canContinue(message: Message): boolean {
  if (message.role !== "assistant" || message.content === "") return false;
  return CONTINUABLE.has(message.status) || message.finish_reason === "length";
}

export function isRunning({ role, status }: Pick<Message, "role" | "status">): boolean {
  return role === "assistant" && (status === "pending" || status === "streaming");
}
