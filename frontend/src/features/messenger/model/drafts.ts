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
  /** What the server is known to have; not known while it is being told. */
  private readonly told = new Map<string, DraftContent>();
  private readonly telling = new Map<string, StoredDraft>();

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
    const next = { content, replyToId };
    if (isSame(draft.value, next)) return;
    draft.value = next;
    const stored = { conversation_id: conversationId, content, reply_to_id: replyToId, is_dirty: true };
    this.untold.set(conversationId, stored);
    void this.storage.write({ kind: "draft", draft: stored });
    clearTimeout(this.timers.get(conversationId));
    if (isSame(this.told.get(conversationId), next)) {
      // Written and sent before it was told: most messages are, and need no request of their own.
      this.timers.delete(conversationId);
      void this.settled(stored);
      return;
    }
    this.timers.set(conversationId, setTimeout(() => void this.tell(stored), PAUSE_MS));
  }

  /** What the server has, of another device; what is written here and not told yet is newer. */
  receive(conversationId: string, draft: Draft | null): void {
    const next = draft === null ? EMPTY : { content: draft.content, replyToId: draft.reply_to_id };
    if (!this.telling.has(conversationId)) this.told.set(conversationId, next);
    if (this.untold.has(conversationId)) return;
    const shown: ReadonlySignal<DraftContent> = this.of(conversationId);
    if (isSame(shown.value, next)) return;
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
    this.told.delete(conversationId);
    this.of(conversationId).value = EMPTY;
  }

  close(): void {
    for (const timer of this.timers.values()) clearTimeout(timer);
  }

  private async tell(draft: StoredDraft): Promise<void> {
    const { conversation_id: id, content, reply_to_id } = draft;
    this.timers.delete(id);
    this.told.delete(id);
    this.telling.set(id, draft);
    let isSaved = false;
    try {
      await server.saveDraft(id, { content, reply_to_id });
      isSaved = true;
    } catch (error) {
      if (isPassing(error)) return;
    } finally {
      if (this.telling.get(id) === draft) {
        this.telling.delete(id);
        if (isSaved) this.told.set(id, { content, replyToId: reply_to_id });
      }
    }
    await this.settled(draft);
  }

  /** The server has it, or will not have it. */
  private async settled(draft: StoredDraft): Promise<void> {
    if (this.untold.get(draft.conversation_id) === draft) this.untold.delete(draft.conversation_id);
    await this.storage.write({ kind: "draft-told", draft });
  }
}

function isSame(one: DraftContent | undefined, other: DraftContent): boolean {
  return one?.content === other.content && one.replyToId === other.replyToId;
}
