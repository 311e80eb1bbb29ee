/**
 * A server in a few hundred lines that follows the protocol: durable streams, sync, commands answered after they are done,
 * and the REST calls the model makes. It fails as told. Tests only.
 */
import type { ConversationShape, MessageShape, MessengerEvent, Person } from "../shapes";
import { FakeSocket } from "./socket";

export const ME = "11111111-0000-4000-8000-000000000001";
export const BOB = "22222222-0000-4000-8000-000000000002";

export interface StoredFrame {
  type: string;
  seq: number;
  room?: string;
  payload: unknown;
}

interface Command {
  type: string;
  id?: string;
  payload: Record<string, unknown>;
}

export class FakeServer {
  readonly streams = new Map<string, StoredFrame[]>([[`u:${ME}`, []]]);
  readonly talks = new Map<string, { base: ConversationShape; messages: MessageShape[] }>();
  readonly sockets: FakeSocket[] = [];
  readonly requests: string[] = [];
  readonly commands: Command[] = [];
  /** Below these, events are gone. */
  readonly trimmed = new Map<string, number>();
  /** How a frame of an event reaches a socket; a test may drop, double or delay it. */
  deliver = (socket: FakeSocket, frame: StoredFrame): void => socket.receive(frame);
  /** What happens to an answer: null drops it and cuts the line. */
  answer: (command: Command, answer: object) => object | null = (_command, answer) => answer;
  refuse: (command: Command) => { code: string; error: string; retryable: boolean } | null = () => null;
  /** Whether a frame is one the server hangs up over, as one that it cannot read. */
  isUnreadable: (text: string) => boolean = (text) => /\\ud[89a-f]/i.test(text);
  /** Answers to REST calls this server does not know; a `Response` is answered as it is. */
  also: (call: string, body: Record<string, unknown>, url: URL) => unknown = () => undefined;
  isDown = false;
  syncLimit = Infinity;
  private ids = 0;

  install(stub: (name: string, value: unknown) => void): void {
    stub("fetch", (path: string, init: RequestInit = {}) => this.fetch(path, init));
    const { sockets } = this;
    const isDown = () => this.isDown;
    const open = (socket: FakeSocket) => {
      sockets.push(socket);
      socket.onSend = (text) => this.read(socket, text);
      socket.receive({ type: "hello", payload: { heartbeat: 25 } });
    };
    stub(
      "WebSocket",
      class extends FakeSocket {
        constructor() {
          super();
          queueMicrotask(() => (isDown() ? this.cut(1006) : open(this)));
        }
      },
    );
  }

  get live(): FakeSocket[] {
    return this.sockets.filter((socket) => socket.readyState === 1);
  }

  cut(code = 1006): void {
    for (const socket of this.live) socket.cut(code);
  }

  begin(id: string, fields: Partial<ConversationShape> = {}): string {
    this.talks.set(id, { base: conversation(id, fields), messages: [] });
    this.streams.set(`c:${id}`, []);
    return id;
  }

  say(id: string, content: string, fields: Partial<MessageShape> = {}): MessageShape {
    const talk = this.talk(id);
    const message = { ...newMessage(id, `m${++this.ids}`, this.head(`c:${id}`) + 1, content), ...fields };
    talk.messages.push(message);
    if (message.sender?.id === ME) talk.base.read_seq = message.seq;
    this.append(`c:${id}`, { type: "message.new", payload: message });
    return message;
  }

  change(id: string, messageId: string, change: Partial<MessageShape>): void {
    const talk = this.talk(id);
    talk.messages = talk.messages.map((message) => (message.id === messageId ? { ...message, ...change } : message));
    const payload = talk.messages.find((message) => message.id === messageId);
    if (payload) this.append(`c:${id}`, { type: "message.updated", payload });
  }

  erase(id: string, messageId: string): void {
    const talk = this.talk(id);
    const message = talk.messages.find((other) => other.id === messageId);
    if (message === undefined) return;
    const gone = { content: "", media: null, reactions: [], mentions: [], is_deleted: true };
    talk.messages = talk.messages.map((other) => (other === message ? { ...other, ...gone } : other));
    const payload = { conversation_id: id, message_id: messageId, message_seq: message.seq, deleted_by: BOB };
    this.append(`c:${id}`, { type: "message.deleted", payload });
  }

  react(id: string, messageId: string, user: string, emoji: string, on = true): void {
    const talk = this.talk(id);
    talk.messages = talk.messages.map((message) => {
      if (message.id !== messageId) return message;
      const users = (message.reactions.find((other) => other.emoji === emoji)?.user_ids ?? []).filter((u) => u !== user);
      const others = message.reactions.filter((other) => other.emoji !== emoji);
      const user_ids = on ? [...users, user] : users;
      return { ...message, reactions: user_ids.length > 0 ? [...others, { emoji, user_ids }] : others };
    });
    const payload = { conversation_id: id, message_id: messageId, user_id: user, emoji };
    this.append(`c:${id}`, { type: on ? "reaction.added" : "reaction.removed", payload });
  }

  /** What an agent's message says now is kept, without an event. */
  keep(id: string, messageId: string, content: string): void {
    const talk = this.talk(id);
    talk.messages = talk.messages.map((message) => (message.id === messageId ? { ...message, content } : message));
  }

  /** More of a message that grows, told to whoever is there. */
  tell(id: string, delta: { message_id: string; attempt: number; at: number; text: string }): void {
    const frame = { type: "message.delta", room: id, payload: { conversation_id: id, ...delta } };
    for (const socket of this.live) if (socket.isSynced) socket.receive(frame);
  }

  append(stream: string, event: MessengerEvent | { type: string; payload: unknown }): void {
    const events = this.streams.get(stream) ?? [];
    this.streams.set(stream, events);
    const room = stream.startsWith("c:") ? { room: stream.slice(2) } : {};
    const frame = { type: event.type, seq: this.head(stream) + 1, ...room, payload: event.payload };
    events.push(frame);
    for (const socket of this.live) if (socket.isSynced) this.deliver(socket, frame);
  }

  head(stream: string): number {
    return this.streams.get(stream)?.at(-1)?.seq ?? this.trimmed.get(stream) ?? 0;
  }

  shape(id: string): ConversationShape {
    const { base, messages } = this.talk(id);
    const unread = messages.filter((m) => m.seq > base.read_seq && !m.is_deleted && m.sender?.id !== ME);
    return {
      ...base,
      last_seq: this.head(`c:${id}`),
      last_message: messages.at(-1) ?? null,
      unread_count: unread.length,
    };
  }

  private talk(id: string) {
    const talk = this.talks.get(id);
    if (talk === undefined) throw new Error(`no conversation ${id}`);
    return talk;
  }

  private read(socket: FakeSocket, text: string): void {
    if (socket.readyState !== 1) return;
    if (this.isUnreadable(text)) socket.cut(4009);
    else this.receive(socket, JSON.parse(text) as Command);
  }

  private receive(socket: FakeSocket, command: Command): void {
    if (command.type === "pong") return;
    if (command.type === "sync") {
      this.sync(socket, command.payload.streams as Record<string, number>);
      return;
    }
    this.commands.push(command);
    if (command.id === undefined) return;
    const refusal = this.refuse(command);
    const frame = refusal
      ? { type: "error", id: command.id, payload: refusal }
      : { type: "ok", id: command.id, payload: this.carryOut(command) };
    const answer = this.answer(command, frame);
    if (answer === null) socket.cut(1006);
    else socket.receive(answer);
  }

  private carryOut({ type, payload }: Command): unknown {
    const id = payload.conversation_id as string;
    if (type === "read.mark") {
      const { base, messages } = this.talk(id);
      base.read_seq = Math.max(base.read_seq, messages.find((m) => m.id === payload.message_id)?.seq ?? 0);
      return { read_seq: base.read_seq, unread_count: this.shape(id).unread_count };
    }
    const known = this.talk(id).messages.find((message) => message.client_id === payload.client_id);
    const fields = { client_id: payload.client_id as string, sender: person(ME, "alice") };
    const media = typeof payload.media_id === "string" ? { media: mediaShape(payload.media_id) } : {};
    const message = known ?? this.say(id, payload.content as string, { ...fields, ...media });
    return { ...message, duplicate: known !== undefined };
  }

  private sync(socket: FakeSocket, positions: Record<string, number>): void {
    const reset: string[] = [];
    const heads: Record<string, number> = {};
    let room = this.syncLimit;
    for (const [stream, events] of this.streams) {
      const at = positions[stream];
      if (at === undefined || at < (this.trimmed.get(stream) ?? 0) || at > this.head(stream)) {
        reset.push(stream);
        heads[stream] = this.head(stream);
        continue;
      }
      const missing = events.filter((event) => event.seq > at);
      for (const event of missing.slice(0, room)) socket.receive(event);
      room -= missing.length;
    }
    reset.push(...Object.keys(positions).filter((stream) => !this.streams.has(stream)));
    socket.isSynced = true;
    socket.receive({ type: "synced", id: "sync", payload: { reset, more: room < 0, heads } });
  }

  private fetch(path: string, init: RequestInit): Promise<Response> {
    if (this.isDown) return Promise.reject(new TypeError("Failed to fetch"));
    const url = new URL(path, "http://test");
    const method = init.method ?? "GET";
    this.requests.push(`${method} ${url.pathname}`);
    const body = typeof init.body === "string" ? (JSON.parse(init.body) as Record<string, unknown>) : {};
    const call = `${method} ${url.pathname}`;
    const answer = this.also(call, body, url) ?? this.route(call, url, body);
    if (answer instanceof Response) return Promise.resolve(answer);
    if (answer === undefined) return json({ error: "Not found", code: "not_found" }, 404);
    return json(answer);
  }

  private route(call: string, url: URL, body: Record<string, unknown>): unknown {
    if (call === "POST /api/auth/ws-ticket") return { ticket: "t", expires_in: 30 };
    if (call === "GET /api/messenger/conversations") {
      const all = [...this.talks.keys()].map((id) => this.shape(id));
      return { results: all, next: null, previous: null };
    }
    if (call === "GET /api/messenger/presence") return { results: [] };
    const [, id = "", rest = ""] = /conversations\/([^/]+)(.*)$/.exec(url.pathname) ?? [];
    if (!this.talks.has(id)) return this.messageRoute(call, url, body);
    if (rest === "") return this.shape(id);
    if (rest === "/messages") return this.history(id, url.searchParams);
    if (rest === "/draft") return { ...body, updated_at: "2026-01-01T00:00:00Z" };
    return undefined;
  }

  private messageRoute(call: string, url: URL, body: Record<string, unknown>): unknown {
    const [, read = ""] = /^GET .*\/messages\/([^/]+)$/.exec(call) ?? [];
    if (read !== "") return [...this.talks.values()].flatMap(({ messages }) => messages).find(({ id }) => id === read);
    const [, id = "", rest = ""] = /messages\/([^/]+)\/reactions\/?(.*)$/.exec(url.pathname) ?? [];
    const talk = [...this.talks].find(([, { messages }]) => messages.some((message) => message.id === id));
    if (!talk) return undefined;
    const emoji = decodeURIComponent(rest) || (body.emoji as string);
    this.react(talk[0], id, ME, emoji, call.startsWith("POST"));
    return {};
  }

  private history(id: string, query: URLSearchParams): unknown {
    const { messages } = this.talk(id);
    const limit = Number(query.get("limit"));
    const before = Number(query.get("before_seq") ?? Infinity);
    const after = query.get("after_seq");
    const around = query.get("around_seq");
    let page = messages.filter((message) => message.seq < before).slice(-limit);
    if (after !== null) page = messages.filter((message) => message.seq > Number(after)).slice(0, limit);
    if (around !== null) {
      const middle = messages.findIndex((message) => message.seq >= Number(around));
      page = messages.slice(Math.max(0, middle - limit / 2), middle + limit / 2);
    }
    const has_before = page.length > 0 && page[0] !== messages[0];
    return { results: page, has_before, has_after: page.length > 0 && page.at(-1) !== messages.at(-1) };
  }
}

export function person(id: string, name: string): Person {
  return { id, username: name, name, avatar_url: "", kind: "human" };
}

export function newMessage(room: string, id: string, seq: number, content: string): MessageShape {
  return {
    id,
    conversation_id: room,
    seq,
    sender: person(BOB, "bob"),
    client_id: null,
    message_type: "text",
    content,
    media: null,
    reply_to: null,
    forwarded_from: null,
    mentions: [],
    reactions: [],
    link_preview: null,
    system: null,
    agent: null,
    album_id: null,
    story_id: null,
    is_edited: false,
    is_forwarded: false,
    is_deleted: false,
    is_pinned: false,
    edited_at: null,
    created_at: new Date(1_767_225_600_000 + seq * 1000).toISOString(),
  };
}

export function conversation(id: string, fields: Partial<ConversationShape> = {}): ConversationShape {
  const member = { role: "member" as const, read_seq: 0, last_read_at: null, joined_at: "2026-01-01T00:00:00Z" };
  return {
    id,
    type: "direct",
    name: "bob",
    avatar_url: "",
    created_by: ME,
    is_ai_agent: false,
    created_at: "2026-01-01T00:00:00Z",
    updated_at: "2026-01-01T00:00:00Z",
    participants: [
      { user: person(ME, "alice"), ...member },
      { user: person(BOB, "bob"), ...member },
    ],
    participant_count: 2,
    role: "member",
    last_seq: 0,
    read_seq: 0,
    cleared_seq: 0,
    unread_count: 0,
    mention_count: 0,
    last_message: null,
    pinned_message_ids: [],
    is_pinned: false,
    is_muted: false,
    is_archived: false,
    is_blocked: false,
    is_saved: false,
    notify: "all",
    draft: null,
    ...fields,
  };
}

function mediaShape(id: string): MessageShape["media"] {
  const size = { width: null, height: null, duration: null, size: 1 };
  return { id, kind: "other", name: "file", mime_type: "application/zip", has_thumbnail: false, ...size };
}

function json(body: unknown, status = 200): Promise<Response> {
  return Promise.resolve(Response.json(body, { status }));
}
