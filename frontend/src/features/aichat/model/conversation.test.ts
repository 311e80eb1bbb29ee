import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { Chat, Message, NewMessage } from "../shapes";
import { Conversation } from "./conversation";
import { localMessage } from "./message";

const CHAT: Chat = {
  id: "c1",
  title: "",
  model: "demo",
  model_end: null,
  effort: null,
  read_everything: false,
  system_prompt: "",
  temperature: null,
  pinned: false,
  archived: false,
  temporary: false,
  active_message_id: null,
  created_at: "2026-01-01T00:00:00Z",
  updated_at: "2026-01-01T00:00:00Z",
};

/** The least of a server that keeps a tree of messages, answers in two words, and fails as told. */
class FakeServer {
  readonly messages: Message[] = [];
  readonly posts: NewMessage[] = [];
  readonly calls: string[] = [];
  /** Connections to break before anything arrives, after the thinking, or after the first word. */
  faults: ("before" | "thinking" | "inside")[] = [];
  /** How the provider fails after the first word, as the last event tells it. */
  failure: Record<string, unknown> | null = null;
  /** Thinking of each connection, before its first word. */
  thinking: { from: number; delta: string; seconds: number }[][] = [];
  /** What the last event says beside the least. */
  end: Record<string, unknown> = {};
  refuse: { status: number; body: unknown } | null = null;

  readonly fetch = (input: string, init: RequestInit = {}): Promise<Response> => {
    const url = new URL(input, "http://test");
    const method = init.method ?? "GET";
    this.calls.push(`${method} ${url.pathname}`);
    const parts = url.pathname.split("/").slice(3); // after /api/chats
    if (method === "POST" && parts.length === 0) return json(CHAT, 201);
    if (method === "PATCH") return json({ ...CHAT, ...(JSON.parse(init.body as string) as Partial<Chat>) });
    if (parts.length === 1) return json(CHAT);
    if (method === "GET" && parts.length === 2) return json({ results: this.branch(), next: null, previous: null });
    if (parts[3] === "stream")
      return this.answer(this.find(parts[2]), Number(new Headers(init.headers).get("Last-Event-ID")));
    if (parts[3] === "regenerate") return this.answer(this.add("assistant", this.find(parts[2]).parent_id));
    if (parts[3] === "continue") return this.answer({ ...this.find(parts[2]), status: "streaming" });
    return this.post(JSON.parse(init.body as string) as NewMessage);
  };

  add(role: "user" | "assistant", parent_id: string | null, fields: Partial<Message> = {}): Message {
    const id = `m${this.messages.length + 1}`;
    const message = { ...localMessage(role, id, { parent_id, status: "complete", ...fields }), id };
    this.messages.push(message);
    return message;
  }

  private branch(): Message[] {
    const line: Message[] = [];
    for (let at = this.messages.at(-1); at !== undefined;) {
      line.push(at);
      const { parent_id: parent } = at;
      at = this.messages.find((message) => message.id === parent);
    }
    return line;
  }

  private find(id: string | undefined): Message {
    const message = this.messages.find((candidate) => candidate.id === id);
    if (message === undefined) throw new Error(`no message ${id ?? ""}`);
    return message;
  }

  private post(body: NewMessage): Promise<Response> {
    this.posts.push(body);
    if (this.refuse !== null) return json(this.refuse.body, this.refuse.status);
    const known = this.messages.find((message) => message.client_id === body.client_id);
    const parent = body.parent_id === undefined ? (this.messages.at(-1)?.id ?? null) : body.parent_id;
    const user = known ?? this.add("user", parent, { content: body.content, client_id: body.client_id ?? null });
    return this.answer(this.add("assistant", user.id, { client_id: null }), undefined, user);
  }

  private answer(message: Message, from?: number, user: Message | null = null): Promise<Response> {
    const fault = this.faults.shift();
    if (fault === "before") return Promise.reject(new TypeError("Failed to fetch"));
    const base = message.content.length;
    const start = `event: start\nid: 0\ndata: ${JSON.stringify({ user_message: user, message, notice: null })}\n\n`;
    const first = `id: ${base + 6}\ndata: {"delta":"Hello ","done":false}\n\n`;
    const done = { delta: "", done: true, status: "complete", total_tokens: 7, estimated: false, ...this.end };
    const rest =
      `id: ${base + 11}\ndata: {"delta":"world","done":false}\n\n` +
      `id: ${base + 11}.done\ndata: ${JSON.stringify(done)}\n\n`;
    const frames = this.thinking.shift() ?? [];
    const thoughts = frames.map((frame) => `event: thinking\ndata: ${JSON.stringify(frame)}\n\n`).join("");
    const failed = `event: error\nid: ${base + 6}.done\ndata: ${JSON.stringify(this.failure)}\n\n`;
    const end = this.failure === null ? rest : failed;
    const words = fault === "thinking" ? "" : first + (fault === "inside" ? "" : end);
    const text = (from === undefined ? start : "") + thoughts + words;
    return Promise.resolve(new Response(text));
  }
}

function json(body: unknown, status = 200): Promise<Response> {
  return Promise.resolve(Response.json(body, { status }));
}

let server: FakeServer;
let chat: Conversation;
const events = { onCreated: vi.fn(), onChat: vi.fn(), onAnswered: vi.fn() };

beforeEach(() => {
  vi.useFakeTimers();
  vi.clearAllMocks();
  server = new FakeServer();
  vi.stubGlobal("fetch", server.fetch);
  chat = new Conversation(events);
});

afterEach(() => void vi.useRealTimers());

async function send(content: string, parentId?: string | null): Promise<void> {
  const sent = chat.send({ content, attachments: [] }, parentId);
  await vi.runAllTimersAsync();
  await sent;
}

const shown = () => chat.thread.value.map((message) => message.text.value);
const last = () => chat.thread.value.at(-1);

describe("sending", () => {
  it("creates the chat with the first message and shows question and answer", async () => {
    await send("Hi");
    expect(shown()).toEqual(["Hi", "Hello world"]);
    expect(chat.chat.value?.id).toBe("c1");
    expect(events.onCreated).toHaveBeenCalledOnce();
    expect(last()?.data.value).toMatchObject({ id: "m2", status: "complete", total_tokens: 7 });
    expect(chat.run.value).toBeNull();
  });

  it("shows the question before the server has answered anything", () => {
    void chat.send({ content: "Hi", attachments: [] });
    expect(shown()).toEqual(["Hi", ""]);
    expect(last()?.phase.value).toBe("waiting");
  });

  it("keeps the same rows when the server names what was local", async () => {
    void chat.send({ content: "Hi", attachments: [] });
    const before = [...chat.thread.value];
    await vi.runAllTimersAsync();
    expect(chat.thread.value).toEqual(before);
    expect(before.map((message) => message.id)).toEqual(["m1", "m2"]);
  });

  it("repeats a lost request with the same client id", async () => {
    server.faults = ["before", "before"];
    await send("Hi");
    expect(shown()).toEqual(["Hi", "Hello world"]);
    expect(new Set(server.posts.map((post) => post.client_id)).size).toBe(1);
    expect(server.posts).toHaveLength(3);
  });

  it("goes on where the stream broke", async () => {
    server.faults = ["inside"];
    await send("Hi");
    expect(shown()).toEqual(["Hi", "Hello world"]);
    expect(server.calls).toContain("GET /api/chats/c1/messages/m2/stream");
  });

  it("shows a refusal in the answer's place, takes it back on demand, and sends again", async () => {
    server.refuse = { status: 429, body: { error: "Token limit exceeded", code: "token_limit_exceeded" } };
    await send("Hi");
    const answer = last();
    expect(answer?.data.value.error).toMatchObject({ code: "token_limit_exceeded" });
    server.refuse = null;
    answer?.redo?.();
    await vi.runAllTimersAsync();
    expect(shown()).toEqual(["Hi", "Hello world"]);
    expect(answer?.data.value.error).toBeNull();
  });

  it("says of an answer that broke off what is left of it and what it cost", async () => {
    const cost = { status: "incomplete", prompt_tokens: 10, completion_tokens: 2, total_tokens: 12, estimated: true };
    server.failure = { error: "The stream was cut.", code: "stream_cut", ...cost };
    await send("one");
    expect(shown()).toEqual(["one", "Hello "]);
    expect(last()?.data.value).toMatchObject(cost);
    expect(last()?.data.value.error).toMatchObject({ code: "stream_cut" });
  });

  it("gives back what was never sent", async () => {
    server.refuse = { status: 403, body: { error: "Upgrade required", code: "upgrade_required" } };
    await send("Hi");
    const answer = last();
    expect(answer && chat.withdraw(answer)?.content).toBe("Hi");
    expect(shown()).toEqual([]);
  });

  it("sends nothing while an answer is on its way", async () => {
    void chat.send({ content: "one", attachments: [] });
    void chat.send({ content: "two", attachments: [] });
    await vi.runAllTimersAsync();
    expect(server.posts.map((post) => post.content)).toEqual(["one"]);
  });

  it("is busy from the first moment to the last, so that nobody's words are taken and then dropped", async () => {
    const sent = chat.send({ content: "one", attachments: [] });
    expect(chat.run.value).toBeNull();
    expect(chat.busy.value).toBe(true);
    await vi.runAllTimersAsync();
    await sent;
    expect(chat.busy.value).toBe(false);
  });
});

describe("branching", () => {
  it("begins a branch in place of the edited message", async () => {
    await send("one");
    await send("two");
    await send("two, edited", "m2");
    expect(shown()).toEqual(["one", "Hello world", "two, edited", "Hello world"]);
    expect(server.posts.at(-1)?.parent_id).toBe("m2");
  });

  it("begins a new root when the first message is edited", async () => {
    await send("one");
    await send("one, edited", null);
    expect(shown()).toEqual(["one, edited", "Hello world"]);
    expect(server.posts.at(-1)).toHaveProperty("parent_id", null);
  });

  it("leaves the parent to the server for a plain next message", async () => {
    await send("one");
    await send("two");
    expect(server.posts.at(-1)).not.toHaveProperty("parent_id");
  });

  it("puts a new answer in the old one's place", async () => {
    await send("one");
    const old = last();
    const again = old && chat.regenerate(old);
    await vi.runAllTimersAsync();
    await again;
    expect(last()?.id).toBe("m3");
    expect(chat.thread.value).toHaveLength(2);
  });

  it("does not answer twice when the response to a regeneration is lost", async () => {
    await send("one");
    server.faults = ["before"];
    const old = last();
    const again = old && chat.regenerate(old);
    await vi.runAllTimersAsync();
    await again;
    expect(last()?.phase.value).toBe("lost");
    expect(server.calls.filter((call) => call.endsWith("/regenerate"))).toHaveLength(1);
  });

  it("lets an answer that broke off grow", async () => {
    const user = server.add("user", null, { content: "one" });
    server.add("assistant", user.id, { content: "Half. ", status: "incomplete" });
    await chat.load("c1");
    const answer = last();
    const grown = answer && chat.continueAnswer(answer);
    await vi.runAllTimersAsync();
    await grown;
    expect(shown()).toEqual(["one", "Half. Hello world"]);
  });
});

describe("thinking", () => {
  const first = { from: 0, delta: "Gold ", seconds: 1 };

  it("comes before the words, stays out of them, and is counted by the last event", async () => {
    server.thinking = [[first, { from: 5, delta: "🏺 first.", seconds: 2.5 }, { from: 13, delta: "", seconds: 4 }]];
    server.end = { reasoning_tokens: 30, thinking_ms: 4100, effort: "low", cached_tokens: 5, cost: "0.01", priced: "2026-11-17" };
    await send("Hi");
    expect(shown()).toEqual(["Hi", "Hello world"]);
    expect(last()?.data.value).toMatchObject({ ...server.end, reasoning: "Gold 🏺 first.", content: "Hello world" });
  });

  it("is shown with the seconds it has lasted, until the first word", async () => {
    server.thinking = [[first]];
    server.faults = ["thinking"];
    void chat.send({ content: "Hi", attachments: [] });
    await vi.advanceTimersByTimeAsync(0);
    const answer = last();
    const seconds = (performance.now() - (answer?.thinkingSince.value ?? 0)) / 1000;
    expect([answer?.reasoning.value, Math.round(seconds)]).toEqual(["Gold ", 1]);
    await vi.runAllTimersAsync();
    expect(answer?.thinkingSince.value).toBeNull();
    expect(answer?.data.value.thinking_ms).toBeGreaterThanOrEqual(1000);
  });

  it("is shown as well above an answer that goes on, until that grows", async () => {
    const user = server.add("user", null, { content: "one" });
    server.add("assistant", user.id, { content: "Half. ", status: "incomplete" });
    await chat.load("c1");
    server.thinking = [[first]];
    server.faults = ["thinking"];
    const answer = last();
    const grown = answer && chat.continueAnswer(answer);
    await vi.advanceTimersByTimeAsync(0);
    expect(answer?.thinkingSince.value).not.toBeNull();
    await vi.runAllTimersAsync();
    await grown;
    expect([answer?.thinkingSince.value, answer?.text.value]).toEqual([null, "Half. Hello world"]);
  });

  it("is whole and not doubled after a connection broke in the middle of it", async () => {
    server.thinking = [[first], [{ from: 0, delta: "Gold and ", seconds: 3 }, { from: 9, delta: "lacquer.", seconds: 4 }]];
    server.faults = ["thinking"];
    await send("Hi");
    expect(last()?.data.value.reasoning).toBe("Gold and lacquer.");
    expect(server.calls).toContain("GET /api/chats/c1/messages/m2/stream");
  });
});

describe("a way on", () => {
  it("asks the same question with another effort when the first was too dear", async () => {
    server.refuse = { status: 403, body: { error: "Too dear.", code: "effort_too_dear", effort: "high", fits: "low" } };
    await send("Hi");
    server.refuse = null;
    last()?.redo?.({ effort: "low" });
    await vi.runAllTimersAsync();
    expect(shown()).toEqual(["Hi", "Hello world"]);
    expect(server.posts.map(({ effort }) => effort)).toEqual([undefined, "low"]);
    expect(new Set(server.posts.map((post) => post.client_id)).size).toBe(1);
  });

  it("keeps the other effort when that has to be tried again", async () => {
    server.refuse = { status: 403, body: { error: "Too dear.", code: "effort_too_dear", effort: "high", fits: "low" } };
    await send("Hi");
    last()?.redo?.({ effort: "low" });
    await vi.runAllTimersAsync();
    last()?.redo?.();
    await vi.runAllTimersAsync();
    expect(server.posts.map(({ effort }) => effort)).toEqual([undefined, "low", "low"]);
  });

  it("gives the question back when the model declined, and marks both as not sent on", async () => {
    server.end = { finish_reason: "refusal" };
    await send("Hi");
    expect(chat.thread.value.map((message) => message.data.value.withheld)).toEqual([true, true]);
    expect(chat.returned.value?.message.content).toBe("Hi");
  });

  it("takes the mark from a declined question that is asked anew", async () => {
    server.end = { finish_reason: "refusal" };
    await send("Hi");
    server.end = {};
    const declined = last();
    const again = declined && chat.regenerate(declined, { model: "other" });
    await vi.runAllTimersAsync();
    await again;
    expect(chat.thread.value.map((message) => message.data.value.withheld)).toEqual([false, false]);
    expect(chat.returned.value).toBeNull();
  });

  it("leaves the field alone when the model answered", async () => {
    await send("Hi");
    expect(chat.returned.value).toBeNull();
    expect(last()?.data.value.withheld).toBe(false);
  });
});

describe("coming back", () => {
  it("attaches to the answer that is still being written", async () => {
    const user = server.add("user", null, { content: "one" });
    server.add("assistant", user.id, { status: "streaming" });
    await chat.load("c1");
    await vi.runAllTimersAsync();
    expect(shown()).toEqual(["one", "Hello world"]);
    expect(last()?.data.value.status).toBe("complete");
    expect(server.posts).toHaveLength(0);
  });
});
