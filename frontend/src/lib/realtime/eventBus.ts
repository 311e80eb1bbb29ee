/**
 * Events that concern no conversation, such as a plan that changed, or no history, such as a call that rings. One feature
 * keeps the socket; the others hear of what is theirs here, while it is open, and speak through `currentSocket`.
 */
import type { Frame } from "./frames";

type Listener = (frame: Frame) => void;

const listeners = new Map<Frame["type"], Set<Listener>>();

/**
 * Hear of events of one type; call what is returned to hear no more. Those with a `seq` come once each and in order; the
 * others as they come, and may be lost.
 */
export function subscribe(type: Frame["type"], listener: Listener): () => void {
  const those = listeners.get(type) ?? new Set();
  listeners.set(type, those.add(listener));
  return () => those.delete(listener);
}

export function publish(frame: Frame): void {
  for (const listener of listeners.get(frame.type) ?? []) listener(frame);
}
