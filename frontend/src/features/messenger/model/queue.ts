/**
 * Messages on their way: kept on the disk before anything is sent, sent in order within a conversation, tried again until
 * the server says yes or a final no. That each arrives once is the server's doing (`client_id`); that none is lost is ours.
 */
import { signal } from "@preact/signals";

import { ApiError, isAbort } from "@/lib/api";
import { errorText } from "@/lib/errorText";
import { backoff } from "@/lib/realtime";
import { outgoingText } from "@/lib/text";
import { uuid } from "@/lib/uuid";

import { sizeOf } from "./measures";
import { quotation } from "./quotation";
import { isPassing, isUnreadable } from "./refusals";
import type { MessageShape } from "./shapes";
import type { QueueEntry, Storage } from "./storage";
import type { NewDraft } from "./types";
import { uploadMedia } from "./uploads";

export interface QueueOptions {
  userId: string;
  storage: Storage;
  isLive: () => boolean;
  command: (type: string, payload: unknown) => Promise<unknown>;
  /** The server has it; its event may come before or after. */
  onSent: (message: MessageShape) => void;
}

export class SendQueue {
  readonly entries = signal<readonly QueueEntry[]>([]);
  /** Bytes of its file that have gone, by client id. */
  readonly progress = signal<ReadonlyMap<string, number>>(new Map());

  /** Client ids of what the disk has not taken, or not yet: it is in this page only. */
  readonly unstored = signal<ReadonlySet<string>>(new Set());

  private readonly lanes = new Set<string>();
  /** Client ids of messages one of which may be what the server cannot read. */
  private readonly suspects = new Set<string>();
  private turns: Promise<unknown> = Promise.resolve();
  private readonly uploads = new Map<string, AbortController>();
  private readonly tabs: BroadcastChannel | null;
  private readonly end = new AbortController();
  private lastOrder = 0;

  constructor(private readonly options: QueueOptions) {
    this.tabs = "BroadcastChannel" in globalThis ? new BroadcastChannel(`kintsugi.queue.${options.userId}`) : null;
    if (this.tabs) this.tabs.onmessage = () => void this.restore().then(() => this.pump());
  }

  /** What the last visit, or another tab, left to be sent. */
  async restore(): Promise<void> {
    const stored = await this.options.storage.queue().catch(() => null);
    if (stored === null || this.end.signal.aborted) return;
    const onlyHere = this.entries.value.filter(({ client_id }) => this.unstored.value.has(client_id));
    const known = new Set(onlyHere.map(({ client_id }) => client_id));
    this.entries.value = [...stored.filter(({ client_id }) => !known.has(client_id)), ...onlyHere].sort(byOrder);
    this.lastOrder = Math.max(this.lastOrder, stored.at(-1)?.order ?? 0);
  }

  /** Answers the message's client id. */
  add(conversationId: string, draft: NewDraft): string {
    this.lastOrder = Math.max(Date.now(), this.lastOrder + 1);
    const entry = newEntry(conversationId, draft, this.lastOrder);
    this.entries.value = [...this.entries.value, entry];
    void this.store(entry).then(() => this.pump());
    if (entry.file !== null) void this.measure(entry.client_id, entry.file.blob);
    return entry.client_id;
  }

  /** The room a picture takes is kept with it, also over a reload. */
  private async measure(clientId: string, blob: Blob): Promise<void> {
    const size = await sizeOf(blob);
    const entry = this.find(clientId);
    if (entry?.file && size !== null) await this.change({ ...entry, file: { ...entry.file, size } });
  }

  async retry(clientId: string): Promise<void> {
    const entry = this.find(clientId);
    if (entry?.failure == null) return;
    // The server keeps another message under this client id: this one needs a name of its own.
    const isTaken = entry.failure.code === "idempotency_mismatch";
    if (isTaken) await this.remove(clientId);
    const again = { ...entry, failure: null, ...(isTaken && { client_id: uuid() }) };
    if (isTaken) this.entries.value = [...this.entries.value, again].sort(byOrder);
    await this.change(again);
    this.pump();
  }

  async remove(clientId: string): Promise<void> {
    if (!this.find(clientId)) return;
    this.uploads.get(clientId)?.abort();
    this.drop(clientId);
    await this.options.storage.write({ kind: "dequeue", clientId });
    this.tabs?.postMessage(null);
  }

  /** Its event came, which also took it from the disk. */
  confirmed(clientId: string): void {
    if (this.find(clientId)) this.drop(clientId);
  }

  /** A conversation that is no longer mine takes nothing any more. */
  async forget(conversationId: string): Promise<void> {
    const gone = this.entries.value.filter((entry) => entry.conversation_id === conversationId);
    await Promise.all(gone.map((entry) => this.remove(entry.client_id)));
  }

  /** Send what can be sent: called whenever there is something new, or a connection again. */
  pump(): void {
    if (!this.options.isLive()) return;
    const waiting = this.entries.value.filter((entry) => entry.failure === null);
    for (const id of new Set(waiting.map((entry) => entry.conversation_id))) void this.runLane(id);
  }

  close(): void {
    this.end.abort();
    for (const upload of this.uploads.values()) upload.abort();
    this.tabs?.close();
  }

  /** One tab at a time sends to a conversation; the next one begins with what the disk says is left. */
  private async runLane(conversationId: string): Promise<void> {
    if (this.lanes.has(conversationId)) return;
    this.lanes.add(conversationId);
    try {
      await withLock(`kintsugi.send.${this.options.userId}.${conversationId}`, this.end.signal, async () => {
        await this.options.storage.settled();
        await this.restore();
        await this.drain(conversationId);
      });
    } catch (error) {
      if (!isAbort(error)) throw error;
    } finally {
      this.lanes.delete(conversationId);
    }
    // Written while the lane was closing.
    if (this.options.isLive() && this.next(conversationId)) this.pump();
  }

  private async drain(conversationId: string): Promise<void> {
    for (let failures = 0; this.options.isLive() && !this.end.signal.aborted;) {
      const entry = this.next(conversationId);
      if (entry === undefined) return;
      try {
        await this.send(entry);
        failures = 0;
      } catch (error) {
        if (isAbort(error) || this.isFirstStrike(entry.client_id, error)) continue;
        if (isPassing(error)) await pause((seconds(error) ?? 0) * 1000 || backoff(failures++), this.end.signal);
        else await this.refuse(entry.client_id, error);
      }
    }
  }

  private async send(entry: QueueEntry): Promise<void> {
    const ready = entry.file !== null && entry.media_id === null ? await this.upload(entry) : entry;
    const answer = await this.turn(() => this.options.command("message.send", payloadOf(ready)));
    // First the message, then the queue: it must not be missing from the screen in between.
    this.options.onSent(answer as MessageShape);
    await this.remove(entry.client_id);
  }

  /**
   * The server hung up without saying which of several messages it could not read. All of them go once more, but one at
   * a time: the one it hangs up over again is the one.
   */
  private isFirstStrike(clientId: string, error: unknown): boolean {
    if (!isUnreadable(error) || this.suspects.has(clientId)) return false;
    this.suspects.add(clientId);
    return true;
  }

  private turn<T>(work: () => Promise<T>): Promise<T> {
    if (this.suspects.size === 0) return work();
    const mine = this.turns.then(work);
    this.turns = mine.catch(() => undefined);
    return mine;
  }

  private async upload(entry: QueueEntry): Promise<QueueEntry> {
    const abort = new AbortController();
    this.uploads.set(entry.client_id, abort);
    try {
      const media_id = await uploadMedia(entry, {
        signal: abort.signal,
        onProgress: (loaded) => this.showProgress(entry.client_id, loaded),
        onStarted: (upload_id) => this.change({ ...(this.find(entry.client_id) ?? entry), upload_id }),
      });
      const done = { ...(this.find(entry.client_id) ?? entry), media_id };
      await this.change(done);
      return done;
    } finally {
      this.uploads.delete(entry.client_id);
      this.showProgress(entry.client_id, null);
    }
  }

  private async refuse(clientId: string, error: unknown): Promise<void> {
    const entry = this.find(clientId);
    if (!entry) return;
    this.suspects.delete(clientId);
    const failure = { sentence: errorText(error), retryable: mayHelp(error), code: codeOf(error) };
    await this.change({ ...entry, failure });
  }

  private next(conversationId: string): QueueEntry | undefined {
    return this.entries.value.find((entry) => entry.conversation_id === conversationId && entry.failure === null);
  }

  private find(clientId: string): QueueEntry | undefined {
    return this.entries.value.find((entry) => entry.client_id === clientId);
  }

  /** Nothing comes back that was discarded in the meantime. */
  private async change(changed: QueueEntry): Promise<void> {
    if (!this.find(changed.client_id)) return;
    this.entries.value = this.entries.value.map((entry) => (entry.client_id === changed.client_id ? changed : entry));
    await this.store(changed);
  }

  private async store(entry: QueueEntry): Promise<void> {
    const { client_id } = entry;
    this.note(client_id, false);
    const isWritten = await this.options.storage.write({ kind: "enqueue", entry });
    // Taken out in the meantime: the disk must not bring it back.
    if (!this.find(client_id)) await this.options.storage.write({ kind: "dequeue", clientId: client_id });
    else if (isWritten) this.note(client_id, true);
    this.tabs?.postMessage(null);
  }

  private drop(clientId: string): void {
    this.suspects.delete(clientId);
    this.entries.value = this.entries.value.filter((entry) => entry.client_id !== clientId);
    this.note(clientId, true);
  }

  private note(clientId: string, isStored: boolean): void {
    const next = new Set(this.unstored.value);
    if (isStored ? next.delete(clientId) : !next.has(clientId) && next.add(clientId)) this.unstored.value = next;
  }

  private showProgress(clientId: string, loaded: number | null): void {
    const next = new Map(this.progress.value);
    if (loaded === null) next.delete(clientId);
    else next.set(clientId, loaded);
    this.progress.value = next;
  }
}

function byOrder(a: QueueEntry, b: QueueEntry): number {
  return a.order - b.order;
}

function newEntry(conversationId: string, draft: NewDraft, order: number): QueueEntry {
  const { content, replyTo, file, messageType } = draft;
  return {
    client_id: uuid(),
    conversation_id: conversationId,
    order,
    content: outgoingText(content),
    message_type: messageType ?? typeOf(file),
    is_declared: messageType !== undefined,
    reply_to: replyTo?.seq == null ? null : quote(replyTo, replyTo.seq),
    album_id: draft.albumId ?? null,
    story_id: draft.storyId ?? null,
    file: file ? { blob: file, name: file.name } : null,
    upload_id: null,
    media_id: null,
    failure: null,
  };
}

function typeOf(file: File | null | undefined): QueueEntry["message_type"] {
  if (!file) return "text";
  const [family] = file.type.split("/");
  return family === "image" || family === "video" || family === "audio" ? family : "file";
}

function quote(message: NonNullable<NewDraft["replyTo"]>, seq: number): NonNullable<QueueEntry["reply_to"]> {
  const { id, sender, message_type, content, is_deleted } = message;
  return { id, seq, sender, message_type, content: quotation(content), is_deleted };
}

function payloadOf(entry: QueueEntry): Record<string, unknown> {
  return {
    conversation_id: entry.conversation_id,
    content: entry.content,
    client_id: entry.client_id,
    ...(entry.is_declared && { message_type: entry.message_type }),
    ...(entry.media_id !== null && { media_id: entry.media_id }),
    ...(entry.reply_to !== null && { reply_to_id: entry.reply_to.id }),
    ...(entry.album_id != null && { album_id: entry.album_id }),
    ...(entry.story_id != null && { story_id: entry.story_id }),
  };
}

/** A refusal for what the message is stays one; for anything else somebody may want to try again. */
function mayHelp(error: unknown): boolean {
  return !(error instanceof ApiError) || error.code === "idempotency_mismatch" || error.status === 401;
}

function codeOf(error: unknown): string {
  return error instanceof ApiError ? error.code : "error";
}

function seconds(error: unknown): number | null {
  return error instanceof ApiError ? error.retryAfter : null;
}

/** Ends early, without a word, when `signal` aborts. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** Web Locks exist in secure contexts only; without them two tabs may both send, and the server keeps one of the two. */
async function withLock(name: string, signal: AbortSignal, work: () => Promise<void>): Promise<void> {
  const { locks } = navigator as Partial<Navigator>;
  if (!locks) return work();
  await locks.request(name, { signal }, work);
}
