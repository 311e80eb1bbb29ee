/** The photos and videos of a conversation in the order they were sent: those that are loaded, and the rest by and by. */
import { computed, signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";

import { api } from "@/lib/api";
import type { Page } from "@/lib/api";

import type { MessageShape, ShownMessage } from "../model";
import { listMedia } from "../model/api";

/** A message of a plain call as the screens take it. */
export function asShown(message: MessageShape): ShownMessage {
  return { ...message, key: message.client_id ?? message.id, delivery: null, upload: null, localUrl: null };
}

export function isViewable(message: ShownMessage): boolean {
  return !message.is_deleted && (message.media?.kind === "image" || message.media?.kind === "video");
}

/** One kind's list, newest first; `lowest` says down to which message it is known. */
interface Source {
  kind: "image" | "video";
  /** The last page that was read; null before the first, undefined after the end. */
  page: Page<MessageShape> | null | undefined;
  lowest: number;
}

const MOST_PAGES = 40;

export class Gallery {
  readonly items: ReadonlySignal<readonly ShownMessage[]>;
  private readonly fetched = signal<ReadonlyMap<string, ShownMessage>>(new Map());
  private readonly sources: Source[] = [
    { kind: "image", page: null, lowest: Infinity },
    { kind: "video", page: null, lowest: Infinity },
  ];
  private readonly abort = new AbortController();
  private loading: Promise<void> | null = null;

  constructor(
    private readonly conversationId: string,
    first: ShownMessage,
    loaded: ReadonlySignal<readonly ShownMessage[]>,
  ) {
    this.items = computed(() => {
      const all = new Map([[first.key, first], ...this.fetched.value]);
      for (const message of loaded.value) {
        if (isViewable(message)) all.set(message.key, message);
        else all.delete(message.key);
      }
      // What still waits to be sent is the newest.
      return [...all.values()].sort((a, b) => (a.seq ?? Infinity) - (b.seq ?? Infinity));
    });
  }

  /** Load until something before `seq` is known of both kinds, or there is nothing more. Rejects with `ApiError`. */
  async reach(seq: number): Promise<void> {
    for (let page = 0; page < MOST_PAGES; page++) {
      const source = this.sources.find((one) => one.page !== undefined && one.lowest >= seq);
      if (source === undefined || this.abort.signal.aborted) return;
      this.loading ??= this.load(source).finally(() => (this.loading = null));
      await this.loading;
    }
  }

  close(): void {
    this.abort.abort();
  }

  private async load(source: Source): Promise<void> {
    const { signal } = this.abort;
    const page = source.page
      ? await api.nextPage(source.page, signal)
      : await listMedia(this.conversationId, source.kind, signal);
    source.page = page?.next == null ? undefined : page;
    source.lowest = page?.results.at(-1)?.seq ?? 0;
    const shown = (page?.results ?? []).map((message): [string, ShownMessage] => [message.client_id ?? message.id, asShown(message)]);
    this.fetched.value = new Map([...this.fetched.value, ...shown]);
  }
}
