/** Who is online, as far as somebody on the screen wants to know. */
import { signal } from "@preact/signals";
import type { ReadonlySignal, Signal } from "@preact/signals";

import * as server from "./api";
import { Batch } from "./batch";
import type { Presence } from "./types";

export class PresenceBoard {
  private readonly people = new Map<string, Signal<Presence | null>>();
  private readonly batch = new Batch(async (ids) => {
    for (const { user_id, is_online, last_seen } of await server.readPresence(ids)) {
      this.set(user_id, { online: is_online, lastSeen: last_seen });
    }
  });

  of(userId: string): ReadonlySignal<Presence | null> {
    const known = this.people.get(userId);
    if (known !== undefined) return known;
    const presence = signal<Presence | null>(null);
    this.people.set(userId, presence);
    this.batch.want(userId);
    return presence;
  }

  set(userId: string, presence: Presence): void {
    const known = this.people.get(userId);
    if (known === undefined) this.people.set(userId, signal(presence));
    else known.value = presence;
  }

  /** What was told while there was no connection was told to nobody. */
  refresh(): void {
    for (const id of this.people.keys()) this.batch.want(id);
  }

  close(): void {
    this.batch.close();
  }
}
