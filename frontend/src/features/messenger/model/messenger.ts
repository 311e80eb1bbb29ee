/** One user's messenger: the parts, wired to each other, from the first paint out of this browser's disk to live. */
import { computed, effect, signal } from "@preact/signals";

import { currentUser, expireSession, forgetSession } from "@/lib/api";
import type { User } from "@/lib/api";
import { Positions, RealtimeSocket, userStream } from "@/lib/realtime";
import type { EndReason, Frame } from "@/lib/realtime";

import * as server from "./api";
import { Conversations } from "./conversations";
import { Drafts } from "./drafts";
import { MediaLinks } from "./links";
import { LocalUrls } from "./localUrls";
import type { Parts } from "./parts";
import { PresenceBoard } from "./presence";
import { SendQueue } from "./queue";
import { Reactions } from "./reactions";
import { Reading } from "./reading";
import { ReadMarks } from "./readMarks";
import { Rows } from "./rows";
import type { ConversationShape, MessengerEvent, Settings } from "./shapes";
import { asPerson } from "./shown";
import type { Storage, StoredReaction } from "./storage";
import { Stories } from "./stories";
import type { Connection, ConversationView, Messenger } from "./types";
import { TheirTyping } from "./typing";
import { ConversationModel } from "./view";
import { warnBeforeUnload } from "./warnBeforeUnload";
import { t } from "./words";

export class MessengerModel implements Messenger {
  readonly connection;
  readonly rows;
  readonly archivedRows;
  readonly listTrouble;
  readonly isUnkept;
  readonly unread;
  readonly stories;

  private readonly parts: Parts;
  private readonly socket: RealtimeSocket;
  private readonly reading: Reading;
  private readonly storyBoard = new Stories();
  private readonly links = new MediaLinks();
  private readonly isRestored = signal(false);
  private tellRestored: () => void = () => undefined;
  private readonly views = new Map<string, ConversationView>();
  private isClosed = false;
  private readonly endings: (() => void)[] = [];

  constructor(
    user: User,
    private readonly storage: Storage,
    private readonly positions = new Positions(),
  ) {
    const me = computed(() => asPerson(currentUser.value ?? user));
    const isLive = () => this.socket.state.value.state === "live";
    const command = (type: string, payload: unknown) => this.socket.command(type, payload);
    const conversations = new Conversations({
      me: user.id,
      storage,
      positions,
      onEvent: (event) => this.applied(event),
      onForgotten: (id, isHidden) => this.forgotten(id, isHidden),
      onDraft: (id, draft) => this.parts.drafts.receive(id, draft),
      onUnknown: (stream, frame) => this.reading.unknown(stream, frame),
      onUncertain: (id) => this.reading.recount(id),
    });
    this.reading = new Reading({ ownStream: userStream(user.id), conversations, positions, storage });
    this.parts = {
      restored: new Promise((resolve) => (this.tellRestored = resolve)),
      me,
      conversations,
      reading: this.reading,
      queue: new SendQueue({
        userId: user.id,
        storage,
        isLive,
        command,
        onSent: (message) => conversations.state(message.conversation_id).timeline.receive(message),
      }),
      drafts: new Drafts(storage),
      readMarks: new ReadMarks({ storage, isLive, command, onTold: (id, counts) => this.marked(id, counts) }),
      reactions: new Reactions({ me: user.id, storage, isLive, onDone: (reaction) => this.reacted(reaction) }),
      typing: new TheirTyping(),
      presence: new PresenceBoard(),
      localUrls: new LocalUrls(),
      tell: (type, payload) => this.socket.tell(type, payload),
    };
    this.socket = new RealtimeSocket({
      userId: user.id,
      positions,
      onEvent: (stream, frame) => this.reading.take(stream, frame),
      onSignal: (frame) => this.signalled(frame),
      onReset: (resets) => this.reading.reset(resets),
      onLive: () => this.wentLive(),
      onEnd: (reason) => this.ended(reason),
    });
    const rows = new Rows(this.parts);
    this.connection = computed(() => this.connectionState());
    this.rows = computed(() => (this.isRestored.value && this.reading.isListed.value ? rows.active.value : null));
    this.archivedRows = rows.archived;
    this.listTrouble = this.reading.trouble;
    this.isUnkept = computed(() => this.parts.queue.unstored.value.size > 0);
    this.unread = rows.unread;
    this.stories = this.storyBoard.groups;
    this.endings.push(warnBeforeUnload(this.isUnkept));
    this.endings.push(effect(() => this.parts.localUrls.keep(this.parts.queue.entries.value)));
  }

  /** What the last visit left first, then the connection. */
  async start(): Promise<void> {
    const { conversations, drafts, queue, reactions, readMarks } = this.parts;
    const positions = await this.storage.all("positions").catch(() => []);
    for (const { stream, seq } of positions) {
      this.positions.advance(stream, seq);
      if (stream.startsWith("u:")) this.reading.isListed.value = true;
    }
    // What was written here and not told yet must be known before the server's drafts are.
    await drafts.restore();
    await Promise.all([conversations.restore(), queue.restore(), reactions.restore()]);
    if (this.isClosed) return;
    for (const { conversation_id, seq } of await readMarks.restore()) conversations.read(conversation_id, seq);
    this.isRestored.value = true;
    this.tellRestored();
    this.socket.start();
  }

  /** Stop everything; what is on the disk stays, unless it is destroyed. */
  close(): void {
    this.isClosed = true;
    this.socket.stop();
    const { drafts, presence, queue, readMarks, typing } = this.parts;
    for (const part of [this.reading, drafts, presence, queue, readMarks, typing, this.links]) part.close();
    for (const end of this.endings) end();
    this.parts.localUrls.keep([]);
  }

  connectNow(): void {
    this.socket.connectNow();
  }

  conversation(id: string): ConversationView {
    let view = this.views.get(id);
    if (view === undefined) {
      view = new ConversationModel(this.parts, this.parts.conversations.state(id));
      this.views.set(id, view);
    }
    return view;
  }

  async createDirect(userId: string): Promise<string> {
    // What is there is found without a network; the server knows the conversations that were taken off the list.
    const known = this.directWith(userId);
    if (known !== undefined) return known;
    return this.adopt(await server.createConversation({ type: "direct", participant_ids: [userId] }));
  }

  async createGroup(name: string, userIds: string[], avatarId?: string): Promise<string> {
    const picture = avatarId !== undefined && { avatar_id: avatarId };
    return this.adopt(await server.createConversation({ type: "group", name, participant_ids: userIds, ...picture }));
  }

  async setSettings(id: string, settings: Partial<Settings>): Promise<void> {
    const { is_pinned, is_muted, notify, is_archived } = await server.saveSettings(id, settings);
    this.parts.conversations.own(id, { is_pinned, is_muted, notify, is_archived });
  }

  async deleteConversation(id: string): Promise<void> {
    const isDirect = this.parts.conversations.state(id).conversation.value?.type === "direct";
    await server.deleteConversation(id);
    this.parts.conversations.forget(id, "deleted", isDirect);
  }

  async leave(id: string): Promise<void> {
    await server.removeParticipant(id, this.parts.me.value.id);
    this.parts.conversations.forget(id, "left");
  }

  presence(userId: string) {
    return this.parts.presence.of(userId);
  }

  mediaUrl(mediaId: string, kind: "full" | "thumbnail" = "full") {
    return this.links.of(mediaId, kind);
  }

  refreshStories(): Promise<void> {
    return this.storyBoard.refresh();
  }

  viewStory(id: string): void {
    this.storyBoard.view(id);
  }

  private directWith(userId: string): string | undefined {
    if (userId === this.parts.me.value.id) return undefined;
    return this.parts.conversations.mine.value.find(({ conversation: { value } }) => {
      return value?.type === "direct" && value.participants.some(({ user }) => user.id === userId);
    })?.id;
  }

  private adopt(conversation: ConversationShape): string {
    this.parts.conversations.put(conversation);
    void this.storage.write({ kind: "conversation", conversation });
    return conversation.id;
  }

  private connectionState(): Connection {
    const { value } = this.socket.state;
    return value.state === "ended" ? { state: "ended", sentence: t(value.reason) } : value;
  }

  private wentLive(): void {
    const { drafts, presence, queue, reactions, readMarks } = this.parts;
    queue.pump();
    reactions.flush();
    readMarks.flush();
    drafts.flush();
    presence.refresh();
  }

  /** Who was signed out leaves nothing here; whose session ran out finds it all again, what is not sent yet above all. */
  private ended(reason: EndReason): void {
    if (reason === "revoked") forgetSession();
    else if (reason === "expired") expireSession();
  }

  private applied(event: MessengerEvent): void {
    if (event.type !== "message.new") return;
    const { client_id, conversation_id, sender } = event.payload;
    if (sender === null) return;
    if (sender.id === this.parts.me.value.id) {
      if (client_id !== null) this.parts.queue.confirmed(client_id);
    } else this.parts.typing.set(conversation_id, sender.id, false);
  }

  private forgotten(id: string, isHidden: boolean): void {
    this.parts.readMarks.forget(id);
    if (isHidden) return;
    this.parts.drafts.forget(id);
    void this.parts.queue.forget(id);
  }

  private signalled(frame: Frame): void {
    const { type, payload } = frame as unknown as MessengerEvent;
    switch (type) {
      case "message.delta":
        this.parts.conversations.grow(payload);
        break;
      case "user.typing":
        this.parts.typing.set(payload.conversation_id, payload.user_id, payload.is_typing);
        break;
      case "user.online":
        this.parts.presence.set(payload.user_id, { online: true, lastSeen: null });
        break;
      case "user.offline":
        this.parts.presence.set(payload.user_id, { online: false, lastSeen: payload.last_seen });
        break;
      case "story.new":
        this.storyBoard.add(payload.story);
        break;
      case "story.expired":
        this.storyBoard.remove(payload.story_id);
        break;
    }
  }

  private marked(id: string, { read_seq, unread_count }: { read_seq: number; unread_count: number }): void {
    const { value } = this.parts.conversations.state(id).conversation;
    if (value?.read_seq === read_seq) this.parts.conversations.own(id, { unread_count });
  }

  /** Until its event comes. Putting an emoji twice is putting it once. */
  private reacted({ message_id: messageId, emoji, on }: StoredReaction): void {
    for (const { id, timeline } of this.parts.conversations.mine.value) {
      if (!timeline.window.value.some((message) => message.id === messageId)) continue;
      const payload = { conversation_id: id, message_id: messageId, user_id: this.parts.me.value.id, emoji };
      timeline.apply({ type: on ? "reaction.added" : "reaction.removed", payload });
    }
  }
}
