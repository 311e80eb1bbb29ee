/**
 * My reactions: on the screen and on the disk at once, on the server one after the other, also after a reload; gone again
 * when it says no. Putting an emoji twice is putting it once, so telling it again does no harm.
 */
import { signal } from "@preact/signals";

import { ApiError } from "@/lib/api";

import * as server from "./api";
import { react } from "./reducer";
import { isPassing } from "./refusals";
import type { MessageShape } from "./shapes";
import type { Storage, StoredReaction } from "./storage";

export interface ReactionsOptions {
  /** The id of whoever is signed in. */
  me: string;
  storage: Storage;
  isLive: () => boolean;
  /** The server has done it; its event may still be on the way. */
  onDone: (reaction: StoredReaction) => void;
}

export class Reactions {
  private readonly wishes = signal<readonly StoredReaction[]>([]);
  private readonly running = new Map<string, Promise<void>>();

  constructor(private readonly options: ReactionsOptions) {}

  async restore(): Promise<void> {
    this.wishes.value = await this.options.storage.all("reactions").catch(() => []);
  }

  /** Resolves when the server has it or will be told later; rejects with its `ApiError` when it does not want it. */
  toggle(message: MessageShape, emoji: string): Promise<void> {
    const shown = this.shownOn(message).find((reaction) => reaction.emoji === emoji);
    const on = !(shown?.user_ids.includes(this.options.me) ?? false);
    const wish = { key: `${message.id} ${emoji}`, message_id: message.id, emoji, on };
    this.wishes.value = [...this.wishes.value.filter(({ key }) => key !== wish.key), wish];
    void this.options.storage.write({ kind: "reaction", reaction: wish });
    return this.options.isLive() ? this.fulfil(wish.key) : Promise.resolve();
  }

  /** There is a connection: tell what could not be told. Nobody waits for the answer any more. */
  flush(): void {
    for (const { key } of this.wishes.value) this.fulfil(key).catch(() => undefined);
  }

  /** What is there, with what I have just asked for; the very same list when that is nothing. */
  shownOn(message: MessageShape): MessageShape["reactions"] {
    const mine = this.wishes.value.filter(({ message_id }) => message_id === message.id);
    return mine.reduce((before, { emoji, on }) => react(before, emoji, this.options.me, on), message.reactions);
  }

  private fulfil(key: string): Promise<void> {
    let running = this.running.get(key);
    if (running === undefined) {
      running = this.tellAll(key).finally(() => this.running.delete(key));
      this.running.set(key, running);
    }
    return running;
  }

  /** Whoever toggles faster than the server answers wants the last state only. */
  private async tellAll(key: string): Promise<void> {
    for (let wish = this.find(key); wish !== undefined; wish = this.find(key)) {
      try {
        await tell(wish);
        this.options.onDone(wish);
      } catch (error) {
        // Told again with the next connection.
        if (isPassing(error)) return;
        this.drop(wish);
        throw error;
      }
      if (this.find(key)?.on === wish.on) this.drop(wish);
    }
  }

  private find(key: string): StoredReaction | undefined {
    return this.wishes.value.find((wish) => wish.key === key);
  }

  private drop(wish: StoredReaction): void {
    this.wishes.value = this.wishes.value.filter(({ key }) => key !== wish.key);
    void this.options.storage.write({ kind: "reaction-told", reaction: wish });
  }
}

async function tell({ message_id, emoji, on }: StoredReaction): Promise<void> {
  if (on) {
    await server.addReaction(message_id, emoji);
    return;
  }
  // One that is not there is taken away already.
  await server.removeReaction(message_id, emoji).catch((error: unknown) => {
    if (!(error instanceof ApiError) || error.status !== 404) throw error;
  });
}
