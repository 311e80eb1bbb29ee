/** The part of a conversation's history that is loaded: usually its end, after a jump a window in the past. */
import { batch, computed, signal } from "@preact/signals";

import { errorText } from "@/lib/errorText";

import * as server from "./api";
import { grow, newest } from "./growing";
import { reduceMessage } from "./reducer";
import type { Events, MessageShape, MessengerEvent } from "./shapes";
import { KEPT_MESSAGES } from "./storage";
import type { Storage } from "./storage";
import type { JumpTarget } from "./types";

/** Fewer than this at the start would leave a tall screen half empty. */
const ENOUGH = 30;

export interface TimelineOptions {
  id: string;
  storage: Storage;
  /** How far the stream has come here. */
  position: () => number;
  /** First of the messages I have not read. */
  unreadFrom: () => number;
}

interface LoadedPage {
  has_before: boolean;
  has_after: boolean;
  results: readonly MessageShape[];
  /** What was said while it was on its way. */
  arrived: readonly MessageShape[];
}

export class Timeline {
  readonly window = signal<readonly MessageShape[]>([]);
  readonly hasOlder = signal(true);
  readonly hasNewer = signal(false);
  readonly trouble = signal<string | null>(null);
  readonly isLoaded = signal(false);
  private readonly requests = signal(0);
  readonly loading = computed(() => this.requests.value > 0);

  /** Events that happened while history was on its way: what it shows may be from before them. */
  private readonly logs = new Set<MessengerEvent[]>();
  /** Messages that are being read because a delta did not fit. */
  private readonly catchingUp = new Set<string>();
  private opening: Promise<void> | null = null;
  /** Another one when the window is; what was asked for the old one is dropped. */
  private turn = new AbortController();
  private again: () => Promise<unknown> = () => this.open();

  constructor(private readonly options: TimelineOptions) {}

  /** From the disk at once, and from the server what the disk lacks. */
  open(): Promise<void> {
    this.opening ??= this.openOnce().finally(() => (this.opening = null));
    return this.opening;
  }

  async loadOlder(): Promise<void> {
    if (this.loading.value || !this.hasOlder.value) return;
    const [first] = this.window.value;
    await this.ask(first ? { before_seq: first.seq } : {}, () => this.loadOlder(), (page) => {
      this.hasOlder.value = page.has_before;
      this.window.value = merge(page.results, this.window.value);
      this.keep();
    });
  }

  async loadNewer(): Promise<void> {
    const last = this.window.value.at(-1);
    if (this.loading.value || !this.hasNewer.value || last === undefined) return;
    await this.ask({ after_seq: last.seq }, () => this.loadNewer(), (page) => {
      this.hasNewer.value = page.has_after;
      const arrived = page.has_after ? [] : page.arrived;
      this.window.value = merge(this.window.value, [...page.results, ...arrived]);
    });
  }

  async retry(): Promise<void> {
    await this.again();
  }

  async jumpTo(target: JumpTarget): Promise<number | null> {
    if (target === "newest") return this.toNewest();
    const seq = await this.seqOf(target);
    if (seq === null) return null;
    const here = this.window.value;
    // Nothing that is on its way may come in beside the place.
    this.leave();
    if (here.some((message) => message.seq === seq)) return seq;
    const isHere = await this.ask({ around_seq: seq }, () => this.jumpTo(target), (page) => {
      this.hasOlder.value = page.has_before;
      this.hasNewer.value = page.has_after;
      this.window.value = merge(page.results, page.has_after ? [] : page.arrived);
    });
    return isHere ? firstFrom(this.window.value, seq) : null;
  }

  apply(event: MessengerEvent): void {
    for (const log of this.logs) log.push(event);
    if (!this.isLoaded.value) return;
    const changed = this.window.value.map((message) => reduceMessage(message, event));
    if (changed.some((message, index) => message !== this.window.value[index])) this.window.value = changed;
    if (event.type === "message.new") this.receive(event.payload);
    if (event.type === "conversation.updated" && event.payload.cleared_seq) this.clearTo(event.payload.cleared_seq);
  }

  /** More of a message that grows. Whoever lacks what stands before it reads the message, once at a time. */
  grow(delta: Events["message.delta"]): void {
    const message = this.window.value.find(({ id }) => id === delta.message_id);
    if (message === undefined) return;
    const growth = grow(message, delta);
    if (growth === "missing") void this.catchUp(message.id);
    else if (growth.message !== message) this.replace(growth.message);
  }

  /** A message that is certain to exist: by its event, or by the answer to its sending. */
  receive(message: MessageShape): void {
    const known = this.window.value.some((other) => other.id === message.id);
    if (this.isLoaded.value && !this.hasNewer.value && !known) this.window.value = merge(this.window.value, [message]);
  }

  /** An answer of the server about one message, such as to an edit. */
  replace(message: MessageShape): void {
    this.window.value = this.window.value.map((other) => (other.id === message.id ? message : other));
  }

  /** The stream was read anew: this is its end. */
  restart(messages: readonly MessageShape[], hasOlder: boolean): void {
    this.leave();
    this.window.value = messages;
    this.hasOlder.value = hasOlder;
    this.hasNewer.value = false;
    this.trouble.value = null;
  }

  forget(): void {
    this.restart([], false);
    this.isLoaded.value = false;
    this.hasOlder.value = true;
  }

  private async catchUp(id: string): Promise<void> {
    if (this.catchingUp.has(id)) return;
    this.catchingUp.add(id);
    try {
      const { messages } = await this.logged(async () => [await server.readMessage(id)]);
      for (const message of messages) this.window.value = this.window.value.map((other) => (other.id === id ? newest(other, message) : other));
    } catch {
      // The next delta asks again, and the whole text comes with the last event.
    } finally {
      this.catchingUp.delete(id);
    }
  }

  private async openOnce(): Promise<void> {
    if (!this.isLoaded.value) {
      const stored = await this.logged(() => this.options.storage.recentMessages(this.options.id));
      this.window.value = merge(stored.messages, stored.arrived);
      this.isLoaded.value = true;
    }
    if (this.window.value.length < ENOUGH) await this.loadOlder();
  }

  private async toNewest(): Promise<number | null> {
    if (this.hasNewer.value) {
      this.leave();
      const isHere = await this.ask({}, () => this.toNewest(), (page) => {
        this.restart(merge(page.results, page.arrived), page.has_before);
        this.keep();
      });
      if (!isHere) return null;
    }
    return this.window.value.at(-1)?.seq ?? null;
  }

  private async seqOf(target: Exclude<JumpTarget, "newest">): Promise<number | null> {
    if (target === "unread") return this.options.unreadFrom();
    if ("seq" in target) return target.seq;
    return (await server.findDate(this.options.id, target.date)).seq;
  }

  private leave(): void {
    this.turn.abort();
    this.turn = new AbortController();
  }

  /**
   * Have a page taken in. False when it failed (then `trouble` says why) or was overtaken. What it brings and the end of
   * the loading are one change: a screen that saw the one without the other would ask for the same page again.
   */
  private async ask(
    place: server.HistoryPlace,
    again: () => Promise<unknown>,
    take: (page: LoadedPage) => void,
  ): Promise<boolean> {
    const { turn } = this;
    this.requests.value += 1;
    this.trouble.value = null;
    const end = (work: () => void) =>
      batch(() => {
        this.requests.value -= 1;
        if (turn === this.turn) work();
      });
    try {
      let ends = { has_before: false, has_after: false };
      const { messages, arrived } = await this.logged(async () => {
        const { results, ...rest } = await server.listMessages(this.options.id, place, turn.signal);
        ends = rest;
        return results;
      });
      const isWanted = turn === this.turn;
      end(() => take({ ...ends, results: messages, arrived }));
      return isWanted;
    } catch (error) {
      end(() => {
        this.trouble.value = errorText(error);
        this.again = again;
      });
      return false;
    }
  }

  /** Load messages and bring them up to what has happened in the meantime. */
  private async logged(load: () => Promise<readonly MessageShape[]>) {
    const log: MessengerEvent[] = [];
    this.logs.add(log);
    try {
      const messages = (await load()).map((message) => log.reduce(reduceMessage, message));
      const news = log.flatMap((event) => (event.type === "message.new" ? [event.payload] : []));
      const arrived = news.map((message) => log.reduce(reduceMessage, message));
      return { messages, arrived };
    } finally {
      this.logs.delete(log);
    }
  }

  private keep(): void {
    const messages = this.window.value;
    if (this.hasNewer.value || messages.length > KEPT_MESSAGES) return;
    void this.options.storage.write({ kind: "messages", messages, position: this.options.position() });
  }

  private clearTo(seq: number): void {
    this.window.value = this.window.value.filter((message) => message.seq > seq);
    this.hasOlder.value = false;
  }
}

/** Each message once, ascending; of two the later list's. */
export function merge(before: readonly MessageShape[], after: readonly MessageShape[]): readonly MessageShape[] {
  const byId = new Map([...before, ...after].map((message) => [message.id, message]));
  return [...byId.values()].sort((a, b) => a.seq - b.seq);
}

function firstFrom(messages: readonly MessageShape[], seq: number): number | null {
  return (messages.find((message) => message.seq >= seq) ?? messages.at(-1))?.seq ?? null;
}
