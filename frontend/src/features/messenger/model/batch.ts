/** Asking for many things at once: what is wanted within a moment goes into one request. */
const PAUSE_MS = 30;
const MOST = 100;

export class Batch {
  private wanted = new Set<string>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly ask: (ids: readonly string[]) => Promise<void>) {}

  want(id: string): void {
    this.wanted.add(id);
    this.timer ??= setTimeout(() => void this.flush(), PAUSE_MS);
  }

  close(): void {
    clearTimeout(this.timer);
    this.wanted.clear();
  }

  private async flush(): Promise<void> {
    const ids = [...this.wanted];
    this.wanted = new Set();
    this.timer = undefined;
    for (let from = 0; from < ids.length; from += MOST) {
      // Who asks shows nothing until there is an answer, and asks again.
      await this.ask(ids.slice(from, from + MOST)).catch(() => undefined);
    }
  }
}
