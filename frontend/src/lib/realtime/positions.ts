/** How far this client has come in each stream. Positions only ever grow, unless the server starts a stream anew. */
export type Verdict = "next" | "known" | "gap";

export class Positions {
  private readonly at: Map<string, number>;

  constructor(entries: Iterable<readonly [string, number]> = []) {
    this.at = new Map(entries);
  }

  get(stream: string): number | undefined {
    return this.at.get(stream);
  }

  /** What to do with an event: take it, drop it as seen, or ask for what lies before it. */
  judge(stream: string, seq: number): Verdict {
    const at = this.at.get(stream);
    if (at === undefined || seq > at + 1) return "gap";
    return seq === at + 1 ? "next" : "known";
  }

  advance(stream: string, seq: number): void {
    this.at.set(stream, Math.max(seq, this.at.get(stream) ?? 0));
  }

  /** The server said that what we have is worth nothing (too old, or from before its database was restored). */
  restart(stream: string, seq: number): void {
    this.at.set(stream, seq);
  }

  forget(stream: string): void {
    this.at.delete(stream);
  }

  entries(): [string, number][] {
    return [...this.at];
  }

  /** At most so many; the own stream first, as it says which conversations there are. */
  foremost(most: number): [string, number][] {
    return this.entries()
      .sort(([a], [b]) => rank(a) - rank(b))
      .slice(0, most);
  }
}

function rank(stream: string): number {
  return stream.startsWith("u:") ? 0 : 1;
}
