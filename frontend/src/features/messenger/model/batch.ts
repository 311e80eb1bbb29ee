/** Asking for many things at once: what is wanted within a moment goes into one request. */
import { limit } from "@/lib/config";

const PAUSE_MS = 30;

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
    const most = limit("max_ids_per_request");
    for (let from = 0; from < ids.length; from += most) {
      // Who asks shows nothing until there is an answer, and asks again.
      await this.ask(ids.slice(from, from + most)).catch(() => undefined);
    }
  }
}
