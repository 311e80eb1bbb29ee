/** All conversations of this page's user, kept true by events. What is applied here is written to the disk as well. */
import { batch, signal } from "@preact/signals";
import type { Signal } from "@preact/signals";

import { conversationIn, conversationStream } from "@/lib/realtime";
import type { DurableFrame, Positions } from "@/lib/realtime";

import { grow } from "./growing";
import { readUpTo, reduceConversation } from "./reducer";
import type { ConversationShape, Events, MessengerEvent } from "./shapes";
import type { Storage } from "./storage";
import { Timeline } from "./timeline";

export type Gone = "deleted" | "removed" | "left" | "not_found";

export interface ConversationState {
  id: string;
  conversation: Signal<ConversationShape | null>;
  gone: Signal<Gone | null>;
  timeline: Timeline;
}

export interface ConversationsOptions {
  me: string;
  storage: Storage;
  positions: Positions;
  /** An event has been applied, all but what is kept elsewhere (drafts, the queue, typing). */
  onEvent: (event: MessengerEvent) => void;
  onForgotten: (id: string, isHidden: boolean) => void;
  onDraft: (id: string, draft: ConversationShape["draft"]) => void;
  /** An event of a conversation that is not here, or counts that only the server knows. */
  onUnknown: (stream: string, frame: DurableFrame) => void;
  onUncertain: (id: string) => void;
}

export class Conversations {
  /** Those that are mine now. */
  readonly mine = signal<readonly ConversationState[]>([]);
  private readonly states = new Map<string, ConversationState>();

  constructor(private readonly options: ConversationsOptions) {}

  /** What the last visit left. */
  async restore(): Promise<void> {
    const stored = await this.options.storage.all("conversations").catch(() => []);
    batch(() => {
      for (const conversation of stored) this.put(conversation);
    });
  }

  state(id: string): ConversationState {
    let state = this.states.get(id);
    if (state === undefined) this.states.set(id, (state = this.newState(id)));
    return state;
  }

  apply(stream: string, frame: DurableFrame): void {
    const event = frame as unknown as MessengerEvent;
    const id = conversationIn(stream);
    // A direct one that was hidden comes back with its next message, and with nothing else.
    if (id !== null && event.type === "message.new" && this.state(id).conversation.value === null) {
      this.options.onUnknown(stream, frame);
      return;
    }
    void this.options.storage.write({ kind: "event", stream, seq: frame.seq, event, me: this.options.me });
    batch(() => {
      this.change(event, id === null ? null : frame.seq);
      this.options.onEvent(event);
    });
  }

  /** More of a message that grows: on the screen, and in the list where it is the last. */
  grow(delta: Events["message.delta"]): void {
    const { conversation, timeline } = this.state(delta.conversation_id);
    timeline.grow(delta);
    const last = conversation.value?.last_message;
    if (!conversation.value || last?.id !== delta.message_id) return;
    const growth = grow(last, delta);
    if (growth !== "missing") conversation.value = { ...conversation.value, last_message: growth.message };
  }

  /** The server's own word. What we have may be newer (events since), then only what events do not bring is taken. */
  put(snapshot: ConversationShape): void {
    const state = this.state(snapshot.id);
    const before = state.conversation.value;
    batch(() => {
      state.conversation.value = before === null ? snapshot : newer(before, snapshot);
      state.gone.value = null;
      if (before === null) this.mine.value = [...this.mine.value, state];
      this.options.onDraft(snapshot.id, snapshot.draft);
    });
  }

  /** Fields of mine that were changed here and accepted by the server. */
  own(id: string, fields: Partial<ConversationShape>): void {
    const { conversation } = this.state(id);
    if (conversation.value === null) return;
    conversation.value = { ...conversation.value, ...fields };
    void this.options.storage.write({ kind: "own", id, fields });
  }

  /** I have seen everything up to `seq`: counted here at once. */
  read(id: string, seq: number): void {
    const { conversation } = this.state(id);
    if (conversation.value === null || seq <= conversation.value.read_seq) return;
    const after = readUpTo(conversation.value, seq).conversation;
    const { read_seq, unread_count, mention_count } = after;
    this.own(id, { read_seq, unread_count, mention_count });
  }

  /** It is not mine any more, or hidden until something happens in it. Nothing of it stays in this browser. */
  forget(id: string, reason: Gone, isHidden = false): void {
    const state = this.state(id);
    if (!isHidden) this.options.positions.forget(conversationStream(id));
    void this.options.storage.write({ kind: "forget", id, isHidden });
    batch(() => {
      state.conversation.value = null;
      state.gone.value = reason;
      state.timeline.forget();
      this.mine.value = this.mine.value.filter((other) => other !== state);
      this.options.onForgotten(id, isHidden);
    });
  }

  private change(event: MessengerEvent, seq: number | null): void {
    if (event.type === "conversation.created") {
      const { conversation } = event.payload;
      this.options.positions.advance(conversationStream(conversation.id), conversation.last_seq);
      this.put(conversation);
    } else if (event.type === "conversation.deleted") {
      const { conversation_id: id, reason } = event.payload;
      this.forget(id, reason === "hidden" ? "deleted" : reason, reason === "hidden");
    } else if ("conversation_id" in event.payload) {
      this.changeOne(this.state(event.payload.conversation_id), event, seq);
    }
  }

  private changeOne({ id, conversation, timeline }: ConversationState, event: MessengerEvent, seq: number | null): void {
    const { value: before } = conversation;
    if (before === null) return;
    const target =
      event.type === "message.deleted"
        ? timeline.window.value.find((message) => message.id === event.payload.message_id)
        : undefined;
    const after = reduceConversation(before, event, { me: this.options.me, seq, target });
    conversation.value = after.conversation;
    if (after.isUncertain) this.options.onUncertain(id);
    timeline.apply(event);
    if (event.type === "conversation.updated" && event.payload.draft) this.options.onDraft(id, event.payload.draft);
  }

  private newState(id: string): ConversationState {
    const conversation = signal<ConversationShape | null>(null);
    const timeline = new Timeline({
      id,
      storage: this.options.storage,
      position: () => this.options.positions.get(conversationStream(id)) ?? 0,
      unreadFrom: () => (conversation.value?.read_seq ?? 0) + 1,
    });
    return { id, conversation, gone: signal(null), timeline };
  }
}

function newer(before: ConversationShape, snapshot: ConversationShape): ConversationShape {
  if (before.last_seq > snapshot.last_seq) {
    const { is_pinned, is_muted, notify, is_archived, is_blocked, draft } = snapshot;
    return { ...before, is_pinned, is_muted, notify, is_archived, is_blocked, draft };
  }
  // What was read here and not told yet stays read.
  return before.read_seq > snapshot.read_seq ? readUpTo(snapshot, before.read_seq).conversation : snapshot;
}
