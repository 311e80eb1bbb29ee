/**
 * Reading streams by REST, where events cannot bring us up to date: new ones, those too far behind, hidden ones that come
 * back. Events of a stream that is being read wait, and are applied to what was read; an event the answer knows of already
 * changes nothing.
 */
import { signal } from "@preact/signals";

import { api, ApiError } from "@/lib/api";
import type { Page } from "@/lib/api";
import { errorText } from "@/lib/errorText";
import { backoff, conversationIn, conversationStream } from "@/lib/realtime";
import type { DurableFrame, Positions, Reset } from "@/lib/realtime";

import * as server from "./api";
import type { Conversations } from "./conversations";
import type { ConversationShape } from "./shapes";
import type { Storage } from "./storage";

/** More conversations than this are read with the list. */
const FEW = 5;
const RECOUNT_MS = 300;

interface Job {
  head: number | null;
  restored: boolean;
  frames: DurableFrame[];
}

export interface ReadingOptions {
  ownStream: string;
  conversations: Conversations;
  positions: Positions;
  storage: Storage;
}

export class Reading {
  /** The list has been read, in this visit or in one before. */
  readonly isListed = signal(false);
  readonly trouble = signal<string | null>(null);
  private readonly jobs = new Map<string, Job>();
  private readonly recounts = new Map<string, ReturnType<typeof setTimeout>>();
  private readonly end = new AbortController();

  constructor(private readonly options: ReadingOptions) {}

  /** Every event goes through here. */
  take(stream: string, frame: DurableFrame): void {
    const job = this.jobs.get(stream);
    if (job) job.frames.push(frame);
    else this.options.conversations.apply(stream, frame);
  }

  /** An event of a conversation that is not here: read it first. */
  unknown(stream: string, frame: DurableFrame): void {
    const job = { head: null, restored: false, frames: [frame] };
    this.jobs.set(stream, job);
    void this.untilDone(() => this.readOne(stream, job));
  }

  reset(resets: readonly Reset[]): void {
    const { conversations, ownStream } = this.options;
    const mine = resets.filter(({ stream, head }) => head !== null || stream === ownStream);
    for (const { stream, head } of resets) {
      const id = conversationIn(stream);
      if (head === null && id !== null) conversations.forget(id, "not_found");
    }
    const jobs = new Map<string, Job>(mine.map(({ stream, head, restored }) => [stream, { head, restored, frames: [] }]));
    for (const [stream, job] of jobs) this.jobs.set(stream, job);
    if (jobs.has(ownStream) || jobs.size > FEW) void this.untilDone(() => this.readList(jobs));
    else for (const [stream, job] of jobs) void this.untilDone(() => this.readOne(stream, job));
  }

  /** The counts of one conversation cannot be worked out here. */
  recount(id: string): void {
    clearTimeout(this.recounts.get(id));
    const ask = () => void this.fetch(id).catch(() => undefined);
    this.recounts.set(id, setTimeout(ask, RECOUNT_MS));
  }

  /** One conversation as the server has it now; answers false when it is not mine. */
  async fetch(id: string): Promise<boolean> {
    const { conversations, storage } = this.options;
    try {
      const conversation = await server.readConversation(id, this.end.signal);
      conversations.put(conversation);
      void storage.write({ kind: "conversation", conversation });
      return true;
    } catch (error) {
      if (!isForeign(error)) throw error;
      conversations.forget(id, "not_found");
      return false;
    }
  }

  close(): void {
    this.end.abort();
    for (const timer of this.recounts.values()) clearTimeout(timer);
  }

  private async readOne(stream: string, job: Job): Promise<void> {
    const id = conversationIn(stream);
    if (id === null) return;
    try {
      await this.finish(await server.readConversation(id, this.end.signal), stream, job);
    } catch (error) {
      if (!isForeign(error)) throw error;
      if (this.jobs.get(stream) !== job) return;
      this.jobs.delete(stream);
      this.options.conversations.forget(id, "not_found");
    }
  }

  private async readList(jobs: ReadonlyMap<string, Job>): Promise<void> {
    const { conversations, ownStream, storage } = this.options;
    const listed = await this.everything();
    for (const conversation of listed.values()) {
      const stream = conversationStream(conversation.id);
      const job = jobs.get(stream);
      if (job) await this.finish(conversation, stream, job);
      else {
        conversations.put(conversation);
        void storage.write({ kind: "conversation", conversation });
      }
    }
    for (const [stream, job] of jobs) if (this.jobs.get(stream) === job) this.leaveOut(stream, job);
    if (jobs.has(ownStream)) this.dropUnlisted(listed);
    this.isListed.value = true;
    this.trouble.value = null;
  }

  private async everything(): Promise<Map<string, ConversationShape>> {
    const all = new Map<string, ConversationShape>();
    let page: Page<ConversationShape> | null = await server.listConversations({}, this.end.signal);
    while (page !== null) {
      for (const conversation of page.results) all.set(conversation.id, conversation);
      page = await api.nextPage(page, this.end.signal);
    }
    return all;
  }

  /** The state, the end of the history if somebody looks at it, and then what happened meanwhile. */
  private async finish(conversation: ConversationShape, stream: string, job: Job): Promise<void> {
    const { conversations, positions, storage } = this.options;
    const { timeline } = conversations.state(conversation.id);
    const page = timeline.isLoaded.value ? await server.listMessages(conversation.id, {}, this.end.signal) : null;
    // A later reset reads it again.
    if (this.jobs.get(stream) !== job) return;
    this.jobs.delete(stream);
    positions.advance(stream, conversation.last_seq);
    void storage.write({ kind: "restart", conversation, messages: page?.results ?? [], force: job.restored });
    if (job.restored) conversations.state(conversation.id).conversation.value = conversation;
    conversations.put(conversation);
    if (page) timeline.restart(page.results, page.has_before);
    for (const frame of job.frames) this.take(stream, frame);
  }

  /** Mine and not in the list: hidden. Its stream goes on, and brings it back with the next message. */
  private leaveOut(stream: string, job: Job): void {
    const { conversations, storage } = this.options;
    this.jobs.delete(stream);
    const id = conversationIn(stream);
    if (id !== null) conversations.forget(id, "deleted", true);
    if (job.head !== null) void storage.write({ kind: "position", stream, seq: job.head, force: true });
    for (const frame of job.frames) this.take(stream, frame);
  }

  private dropUnlisted(listed: ReadonlyMap<string, ConversationShape>): void {
    const { conversations } = this.options;
    for (const { id } of conversations.mine.value) {
      if (!listed.has(id) && !this.jobs.has(conversationStream(id))) conversations.forget(id, "not_found", true);
    }
  }

  /** Tried until it works: without it the screen would be behind for ever. */
  private async untilDone(work: () => Promise<void>): Promise<void> {
    for (let failures = 0; ; failures += 1) {
      try {
        await work();
        return;
      } catch (error) {
        if (this.end.signal.aborted) return;
        this.trouble.value = errorText(error);
        await new Promise((resolve) => setTimeout(resolve, backoff(failures)));
      }
    }
  }
}

function isForeign(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 404 || error.status === 403);
}
