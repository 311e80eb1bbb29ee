/** Who writes: mine told sparingly, theirs forgotten by themselves. */
import { signal } from "@preact/signals";
import type { ReadonlySignal, Signal } from "@preact/signals";

const REPEAT_MS = 3_000;
const STOP_AFTER_MS = 5_000;
/** Longer than the pause between two signs of somebody who goes on. */
const FORGET_AFTER_MS = 6_000;

/** My own writing in one conversation: a sign at most every 3 s, and an end 5 s after the last key. */
export class MyTyping {
  private toldAt = -Infinity;
  private stopTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly tell: (isTyping: boolean) => void) {}

  set(isTyping: boolean): void {
    clearTimeout(this.stopTimer);
    if (!isTyping) {
      this.stop();
      return;
    }
    this.stopTimer = setTimeout(() => this.stop(), STOP_AFTER_MS);
    if (Date.now() - this.toldAt < REPEAT_MS) return;
    this.toldAt = Date.now();
    this.tell(true);
  }

  private stop(): void {
    if (this.toldAt === -Infinity) return;
    this.toldAt = -Infinity;
    this.tell(false);
  }
}

/** The ids of the others who write, by conversation. */
export class TheirTyping {
  private readonly writers = new Map<string, Signal<readonly string[]>>();
  private readonly timers = new Map<string, ReturnType<typeof setTimeout>>();

  in(conversationId: string): ReadonlySignal<readonly string[]> {
    return this.of(conversationId);
  }

  set(conversationId: string, userId: string, isTyping: boolean): void {
    const key = `${conversationId} ${userId}`;
    clearTimeout(this.timers.get(key));
    this.timers.delete(key);
    const writers = this.of(conversationId);
    const others = writers.value.filter((id) => id !== userId);
    if (isTyping) {
      writers.value = [...others, userId];
      this.timers.set(key, setTimeout(() => this.set(conversationId, userId, false), FORGET_AFTER_MS));
    } else if (others.length < writers.value.length) {
      writers.value = others;
    }
  }

  close(): void {
    for (const timer of this.timers.values()) clearTimeout(timer);
  }

  private of(conversationId: string): Signal<readonly string[]> {
    let writers = this.writers.get(conversationId);
    if (writers === undefined) this.writers.set(conversationId, (writers = signal([])));
    return writers;
  }
}
