/** Object URLs of queued files: one per file, given back when its message has left the queue. */
import type { QueueEntry } from "./storage";

export class LocalUrls {
  private readonly urls = new Map<string, string>();

  of({ client_id: id, file }: QueueEntry): string | null {
    if (file === null) return null;
    let url = this.urls.get(id);
    if (url === undefined) this.urls.set(id, (url = URL.createObjectURL(file.blob)));
    return url;
  }

  /** Only these are still needed. */
  keep(entries: readonly QueueEntry[]): void {
    const needed = new Set(entries.map((entry) => entry.client_id));
    for (const [id, url] of this.urls) {
      if (needed.has(id)) continue;
      URL.revokeObjectURL(url);
      this.urls.delete(id);
    }
  }
}
