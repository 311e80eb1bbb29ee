/** One conversation as its screen sees it. */
import { computed, signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";

import { errorText } from "@/lib/errorText";
import { uuid } from "@/lib/uuid";

import * as server from "./api";
import type { ConversationState } from "./conversations";
import type { Parts } from "./parts";
import { named } from "./saved";
import type { MessageShape } from "./shapes";
import { presentIn, shownEntry, shownMessage } from "./shown";
import type { ConversationView, JumpTarget, NewDraft, Presence, ShownMessage } from "./types";
import { MyTyping } from "./typing";

export class ConversationModel implements ConversationView {
  readonly id: string;
  readonly conversation;
  readonly gone;
  readonly messages: ReadonlySignal<readonly ShownMessage[]>;
  readonly hasOlder;
  readonly hasNewer;
  readonly loading: ReadonlySignal<boolean>;
  readonly trouble: ReadonlySignal<string | null>;
  readonly typing: ReadonlySignal<readonly string[]>;
  readonly firstUnreadSeq = signal<number | null>(null);
  readonly lastSent = signal<string | null>(null);
  readonly online: ReadonlySignal<boolean>;
  readonly lastSeen: ReadonlySignal<string | null>;
  readonly draft;

  /** Direct: when the other one is here. */
  private readonly theirs: ReadonlySignal<Presence | null>;
  private readonly myTyping: MyTyping;
  /** Screens that follow it now. */
  private followers = 0;
  /** Why the conversation itself could not be read. */
  private readonly ownTrouble = signal<string | null>(null);
  private readonly shown = new WeakMap<MessageShape, ShownMessage>();

  constructor(
    private readonly parts: Parts,
    private readonly state: ConversationState,
  ) {
    const { id, conversation, gone, timeline } = state;
    this.id = id;
    this.conversation = computed(() => named(conversation.value));
    this.gone = gone;
    this.hasOlder = timeline.hasOlder;
    this.hasNewer = timeline.hasNewer;
    this.loading = computed(() => timeline.loading.value || (conversation.value === null && gone.value === null));
    this.trouble = computed(() => this.ownTrouble.value ?? timeline.trouble.value);
    this.messages = computed(() => [...this.confirmed(), ...this.queued()]);
    this.typing = computed(() => parts.typing.in(id).value.flatMap((userId) => this.nameOf(userId) ?? []));
    this.theirs = computed(() => {
      const other = conversation.value && presentIn(conversation.value, parts.me.value.id);
      return other && parts.presence.of(other.id).value;
    });
    this.online = computed(() => this.theirs.value?.online ?? false);
    this.lastSeen = computed(() => this.theirs.value?.lastSeen ?? null);
    this.draft = parts.drafts.of(id);
    this.myTyping = new MyTyping((on) => parts.tell(on ? "typing.start" : "typing.stop", { conversation_id: id }));
  }

  open(): () => void {
    this.followers += 1;
    if (this.followers === 1) this.firstUnreadSeq.value = null;
    void this.load();
    let isOpen = true;
    return () => {
      if (!isOpen) return;
      isOpen = false;
      this.followers -= 1;
      this.myTyping.set(false);
    };
  }

  loadOlder(): Promise<void> {
    return this.state.timeline.loadOlder();
  }

  loadNewer(): Promise<void> {
    return this.state.timeline.loadNewer();
  }

  retry(): Promise<void> {
    return this.conversation.value === null ? this.load() : this.state.timeline.retry();
  }

  jumpTo(target: JumpTarget): Promise<number | null> {
    const unread = this.firstUnreadSeq.value;
    return this.state.timeline.jumpTo(target === "unread" && unread !== null ? { seq: unread } : target);
  }

  send(draft: NewDraft): void {
    this.myTyping.set(false);
    this.lastSent.value = this.parts.queue.add(this.id, draft);
    this.setDraft("", null);
    // Who writes from the past wants to see it at the end.
    if (this.hasNewer.value) void this.jumpTo("newest");
  }

  resend(key: string): void {
    void this.parts.queue.retry(key);
  }

  discard(key: string): void {
    void this.parts.queue.remove(key);
  }

  async edit(id: string, content: string): Promise<void> {
    this.state.timeline.replace(await server.editMessage(id, content));
  }

  async remove(id: string): Promise<void> {
    await server.deleteMessage(id);
    const known = this.find(id);
    if (!known) return;
    // Its event does the same, and the counting; the answer is here first.
    this.state.timeline.apply({
      type: "message.deleted",
      payload: { conversation_id: this.id, message_id: id, message_seq: known.seq, deleted_by: this.parts.me.value.id },
    });
  }

  async pin(id: string, on: boolean): Promise<void> {
    await server.pinMessage(id, on);
    const known = this.find(id);
    if (known) this.state.timeline.replace({ ...known, is_pinned: on });
  }

  async forward(id: string, conversationIds: string[]): Promise<void> {
    await server.forwardMessage(id, conversationIds, uuid());
  }

  async react(id: string, emoji: string): Promise<void> {
    const message = this.find(id);
    if (message && !message.is_deleted) await this.parts.reactions.toggle(message, emoji);
  }

  markRead(seq: number): void {
    const before = this.conversation.value;
    const message = this.state.timeline.window.value.findLast((other) => other.seq <= seq);
    if (before === null || message === undefined || message.seq <= before.read_seq) return;
    this.parts.conversations.read(this.id, message.seq);
    this.parts.readMarks.set({ conversation_id: this.id, seq: message.seq, message_id: message.id });
  }

  setTyping(isTyping: boolean): void {
    this.myTyping.set(isTyping);
  }

  setDraft(content: string, replyToId: string | null): void {
    this.parts.drafts.set(this.id, content, replyToId);
  }

  private async load(): Promise<void> {
    this.ownTrouble.value = null;
    await this.parts.restored;
    if (this.conversation.value === null) {
      try {
        if (!(await this.parts.reading.fetch(this.id))) return;
      } catch (error) {
        this.ownTrouble.value = errorText(error);
        return;
      }
    }
    const unreadFrom = this.conversation.value?.unread_count === 0 ? null : (this.conversation.value?.read_seq ?? 0);
    await this.state.timeline.open();
    if (unreadFrom !== null && this.firstUnreadSeq.value === null) this.firstUnreadSeq.value = this.firstAfter(unreadFrom);
  }

  /** The first message of somebody else that I had not read. What is not loaded starts with the position alone. */
  private firstAfter(seq: number): number | null {
    const { window, hasOlder } = this.state.timeline;
    const [first] = window.value;
    if (first !== undefined && first.seq > seq && hasOlder.value) return seq + 1;
    const me = this.parts.me.value.id;
    const isTheirs = ({ sender, message_type }: MessageShape) => sender?.id !== me && message_type !== "system";
    return window.value.find((message) => message.seq > seq && isTheirs(message))?.seq ?? null;
  }

  private confirmed(): ShownMessage[] {
    const conversation = this.conversation.value;
    const { me, reactions } = this.parts;
    return this.state.timeline.window.value.map((message) => {
      const whole = { ...message, reactions: reactions.shownOn(message) };
      const shown = shownMessage(whole, conversation, me.value.id, this.theirs.value);
      return this.reused(message, shown);
    });
  }

  /** The same object while nothing about it has changed, so that only the rows that did are drawn again. */
  private reused(message: MessageShape, next: ShownMessage): ShownMessage {
    const before = this.shown.get(message);
    if (before?.delivery?.state === next.delivery?.state && before?.reactions === next.reactions) return before;
    this.shown.set(message, next);
    return next;
  }

  /** At the end, and not in a window of the past. */
  private queued(): ShownMessage[] {
    if (this.hasNewer.value) return [];
    const { queue, localUrls, me } = this.parts;
    const sent = new Set(this.state.timeline.window.value.map((message) => message.client_id));
    const waiting = queue.entries.value.filter(
      (entry) => entry.conversation_id === this.id && !sent.has(entry.client_id),
    );
    const { value: progress } = queue.progress;
    return waiting.map((entry) =>
      shownEntry(entry, me.value, progress.get(entry.client_id) ?? null, localUrls.of(entry)),
    );
  }

  private find(id: string): MessageShape | undefined {
    return this.state.timeline.window.value.find((message) => message.id === id);
  }

  private nameOf(userId: string): string | null {
    const member = this.conversation.value?.participants.find(({ user }) => user.id === userId);
    return userId === this.parts.me.value.id ? null : (member?.user.name ?? null);
  }
}
