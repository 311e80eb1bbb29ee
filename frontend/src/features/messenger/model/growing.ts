/**
 * A message that an agent is writing: its text grows by `message.delta`, each for a position and an attempt, and is whole
 * with `message.updated`. Positions count code points, as the server does.
 */
import type { Events, MessageShape } from "./shapes";

type Delta = Events["message.delta"];

/** What a delta does: the message with more text, or what is missing before it can be used. */
export type Growth = { message: MessageShape } | "missing";

export function isGrowing(message: MessageShape): boolean {
  return message.agent?.state === "writing" && !message.is_deleted;
}

export function grow(message: MessageShape, delta: Delta): Growth {
  const attempt = message.agent?.attempt ?? 0;
  // Of a text that is whole, or was begun anew since: late, and of no use.
  if (!isGrowing(message) || delta.attempt < attempt) return { message };
  const here = Array.from(message.content);
  if (delta.attempt > attempt || here.length < delta.at) return "missing";
  if (delta.at + Array.from(delta.text).length <= here.length) return { message };
  return { message: { ...message, content: here.slice(0, delta.at).join("") + delta.text } };
}

/** What the server shows of a message that grows is what was kept, a moment ago: what was told since stays. */
export function newest(before: MessageShape, after: MessageShape): MessageShape {
  if (!isGrowing(before) || !isGrowing(after) || before.agent?.attempt !== after.agent?.attempt) return after;
  return before.content.length > after.content.length ? { ...after, content: before.content } : after;
}
