/** What somebody has begun to write: on the disk at once, on the server (and so on their other devices) a second later. */
import { signal } from "@preact/signals";
import type { ReadonlySignal, Signal } from "@preact/signals";

import * as server from "./api";
import { isPassing } from "./refusals";
import type { Draft } from "./shapes";
import type { Storage, StoredDraft } from "./storage";

const PAUSE_MS = 1_000;

export interface DraftContent {
  content: string;
  replyToId: string | null;
}

const EMPTY: DraftContent = { content: "", replyToId: null };

export class Drafts {
  private readonly drafts = new Map<string, Signal<DraftContent>>();
  private readonly untold = new Map<string, StoredDraft>();
  private readonly timers = new Map<string, ReturnType<typeof setTimeout>>();

  constructor(private readonly storage: Storage) {}

  async restore(): Promise<void> {
    for (const stored of await this.storage.all("drafts").catch(() => [])) {
      this.of(stored.conversation_id).value = { content: stored.content, replyToId: stored.reply_to_id };
      if (stored.is_dirty) this.untold.set(stored.conversation_id, stored);
    }
  }

  of(conversationId: string): Signal<DraftContent> {
    let draft = this.drafts.get(conversationId);
    if (draft === undefined) this.drafts.set(conversationId, (draft = signal(EMPTY)));
    return draft;
  }

  set(conversationId: string, content: string, replyToId: string | null): void {
    const draft = this.of(conversationId);
    if (draft.value.content === content && draft.value.replyToId === replyToId) return;
    draft.value = { content, replyToId };
    const stored = { conversation_id: conversationId, content, reply_to_id: replyToId, is_dirty: true };
    this.untold.set(conversationId, stored);
    void this.storage.write({ kind: "draft", draft: stored });
    clearTimeout(this.timers.get(conversationId));
    this.timers.set(conversationId, setTimeout(() => void this.tell(stored), PAUSE_MS));
  }

  /** What the server has, of another device; what is written here and not told yet is newer. */
  receive(conversationId: string, draft: Draft | null): void {
    if (this.untold.has(conversationId)) return;
    const next = draft === null ? EMPTY : { content: draft.content, replyToId: draft.reply_to_id };
    const shown: ReadonlySignal<DraftContent> = this.of(conversationId);
    if (shown.value.content === next.content && shown.value.replyToId === next.replyToId) return;
    this.of(conversationId).value = next;
    const stored = { conversation_id: conversationId, content: next.content, reply_to_id: next.replyToId };
    void this.storage.write({ kind: "draft", draft: { ...stored, is_dirty: false } });
  }

  /** There is a connection: tell what could not be told. */
  flush(): void {
    for (const draft of [...this.untold.values()]) if (!this.timers.has(draft.conversation_id)) void this.tell(draft);
  }

  forget(conversationId: string): void {
    clearTimeout(this.timers.get(conversationId));
    this.timers.delete(conversationId);
    this.untold.delete(conversationId);
    this.of(conversationId).value = EMPTY;
  }

  close(): void {
    for (const timer of this.timers.values()) clearTimeout(timer);
  }

  private async tell(draft: StoredDraft): Promise<void> {
    const { conversation_id: id, content, reply_to_id } = draft;
    this.timers.delete(id);
    try {
      await server.saveDraft(id, { content, reply_to_id });
    } catch (error) {
      if (isPassing(error)) return;
    }
    if (this.untold.get(id) === draft) this.untold.delete(id);
    await this.storage.write({ kind: "draft-told", draft });
  }
}
