/** Where files can be loaded from: links that live for a short time, asked for in batches and renewed in time. */
import { signal } from "@preact/signals";
import type { ReadonlySignal, Signal } from "@preact/signals";

import { serverTime } from "@/lib/serverClock";

import * as server from "./api";
import { Batch } from "./batch";

const RENEW_BEFORE_MS = 60_000;
const RETRY_MS = 5_000;
const SHORTEST_MS = 30_000;

interface Entry {
  full: Signal<string | null>;
  thumbnail: Signal<string | null>;
  /** When to ask again: milliseconds since the epoch, by this machine's clock. */
  staleAt: number;
}

export class MediaLinks {
  private readonly entries = new Map<string, Entry>();
  private readonly batch = new Batch(async (ids) => {
    for (const { id, url, thumbnail_url, expires_at } of await server.readMediaLinks(ids)) {
      const entry = this.entries.get(id);
      if (entry === undefined) continue;
      entry.full.value = url;
      // A file without a thumbnail is its own.
      entry.thumbnail.value = thumbnail_url ?? url;
      // By a wrong clock every link would be stale at once, and asked for without end.
      const livesFor = Date.parse(expires_at) - serverTime() - RENEW_BEFORE_MS;
      entry.staleAt = Date.now() + Math.max(livesFor, SHORTEST_MS);
    }
  });

  of(mediaId: string, kind: "full" | "thumbnail"): ReadonlySignal<string | null> {
    let entry = this.entries.get(mediaId);
    if (entry === undefined) {
      entry = { full: signal(null), thumbnail: signal(null), staleAt: 0 };
      this.entries.set(mediaId, entry);
    }
    if (entry.staleAt < Date.now()) {
      entry.staleAt = Date.now() + RETRY_MS;
      this.batch.want(mediaId);
    }
    return entry[kind];
  }

  close(): void {
    this.batch.close();
  }
}
