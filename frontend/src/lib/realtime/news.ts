/**
 * Events that concern no conversation, such as a plan that changed. One feature keeps the socket; the others hear of what
 * is theirs here, while it is open.
 */
import type { DurableFrame } from "./frames";

type Listener = (frame: DurableFrame) => void;

const listeners = new Map<DurableFrame["type"], Set<Listener>>();

/** Hear of events of one type; call what is returned to hear no more. */
export function onNews(type: DurableFrame["type"], listener: Listener): () => void {
  const those = listeners.get(type) ?? new Set();
  listeners.set(type, those.add(listener));
  return () => those.delete(listener);
}

export function tellNews(frame: DurableFrame): void {
  for (const listener of listeners.get(frame.type) ?? []) listener(frame);
}
