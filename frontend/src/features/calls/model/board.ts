/**
 * The calls that ring or run where this person is, as the server last said. Events come in order; the answer to a request
 * may have been overtaken by one, and is then old news.
 */
import { signal } from "@preact/signals";

import type { CallShape } from "./shapes";
import { isLive } from "./shapes";

const RANK = { ringing: 0, connecting: 1, active: 2, ended: 3 } as const;
/** Ended calls of which late news are known as such. */
const MOST_OVER = 200;

export class CallBoard {
  readonly live = signal<ReadonlyMap<string, CallShape>>(new Map());
  private readonly listeners = new Set<(call: CallShape) => void>();
  private readonly changedAt = new Map<string, number>();
  private readonly over = new Set<string>();
  private clock = 0;

  /** To be taken before something is asked, and given back with its answer. */
  mark(): number {
    return this.clock;
  }

  get(id: string): CallShape | undefined {
    return this.live.value.get(id);
  }

  /** An event: newer than all before it. */
  apply(call: CallShape): void {
    const before = this.get(call.id);
    if (this.over.has(call.id) || (before && isBehind(call, before))) return;
    this.store(call);
  }

  /** The answer to a request that was made at `mark`. Answers the call as it is known now. */
  put(call: CallShape, mark: number): CallShape {
    const before = this.get(call.id);
    const overtaken = (this.changedAt.get(call.id) ?? 0) > mark;
    if (this.over.has(call.id) || (before && (overtaken || isBehind(call, before)))) return before ?? call;
    this.store(call);
    return call;
  }

  /** All there are, as asked at `mark`. Answers those that were thought live and are not. */
  replace(calls: readonly CallShape[], mark: number): string[] {
    for (const call of calls) this.put(call, mark);
    const named = new Set(calls.map(({ id }) => id));
    return [...this.live.value.keys()].filter((id) => !named.has(id) && (this.changedAt.get(id) ?? 0) <= mark);
  }

  /** It is not there any more, for whatever reason. */
  drop(id: string): void {
    this.live.value = new Map([...this.live.value].filter(([key]) => key !== id));
  }

  clear(): void {
    this.live.value = new Map();
    this.changedAt.clear();
    this.over.clear();
  }

  /** Each change of a call, its end as well. */
  onChange(listener: (call: CallShape) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private store(call: CallShape): void {
    this.changedAt.set(call.id, ++this.clock);
    if (isLive(call)) this.live.value = new Map(this.live.value).set(call.id, call);
    else {
      this.over.add(call.id);
      const [oldest] = this.over;
      if (this.over.size > MOST_OVER && oldest !== undefined) this.over.delete(oldest);
      this.drop(call.id);
    }
    for (const listener of this.listeners) listener(call);
  }
}

/** A call goes forward only. */
function isBehind(call: CallShape, before: CallShape): boolean {
  return RANK[call.status] < RANK[before.status] || call.generation < before.generation;
}
