import { describe, expect, it, vi } from "vitest";

import { ApiError } from "@/lib/api";
import { AnswerText, codePoints } from "@/lib/growingText";
import { backoff } from "@/lib/patience";

import type { StartFrame } from "../shapes";
import { followAnswer, type AnswerSource, type Outcome } from "./follow";

const ANSWER = "Кінцугі — це 🏺 зшити золотом. It mends what broke, and shows the seam.";
const MESSAGE_ID = "m1";

/** A server that streams `ANSWER` word by word and cuts each connection where it is told to. */
class CuttingServer {
  readonly posts: string[] = [];
  readonly positions: number[] = [];
  private readonly pieces = ANSWER.split(/(?<= )/);

  /** `cuts[n]`: how many bytes of connection n arrive; beyond the list, connections hold. */
  constructor(private readonly cuts: number[]) {}

  get source(): AnswerSource {
    return {
      open: () => {
        this.posts.push("client-1");
        return Promise.resolve(this.respond(this.start() + this.deltas(0)));
      },
      resume: (_id, position) => {
        this.positions.push(position);
        return Promise.resolve(this.respond(this.deltas(position)));
      },
    };
  }

  private start(): string {
    const frame = { user_message: null, message: { id: MESSAGE_ID, content: "" }, notice: null };
    return `event: start\nid: 0\ndata: ${JSON.stringify(frame)}\n\n`;
  }

  private deltas(from: number): string {
    const rest = Array.from(ANSWER).slice(from).join("");
    let end = from;
    const frames = (from === 0 ? this.pieces : [rest]).map((delta) => {
      end += codePoints(delta);
      return `id: ${end}\ndata: ${JSON.stringify({ delta, message_id: MESSAGE_ID, done: false })}\n\n`;
    });
    const done = { delta: "", message_id: MESSAGE_ID, done: true, status: "complete", finish_reason: "stop" };
    return `${frames.join("")}id: ${end}.done\ndata: ${JSON.stringify(done)}\n\n`;
  }

  private respond(text: string): Response {
    const bytes = new TextEncoder().encode(text);
    const cut = this.cuts.shift();
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(bytes.slice(0, cut));
      },
      pull(controller) {
        if (cut === undefined) controller.close();
        else controller.error(new TypeError("network error"));
      },
    });
    return new Response(body, { headers: { "Content-Type": "text/event-stream" } });
  }
}

interface Run {
  outcome: Outcome;
  text: AnswerText;
  waits: number[];
  starts: StartFrame[];
  reconnects: number;
}

async function follow(source: AnswerSource, options: { messageId?: string; have?: string } = {}): Promise<Run> {
  const text = new AnswerText(options.have);
  const waits: number[] = [];
  const starts: StartFrame[] = [];
  const onReconnecting = vi.fn();
  const outcome = await followAnswer({
    source,
    text,
    signal: new AbortController().signal,
    events: { onStart: (frame) => starts.push(frame), onText: () => undefined, onThinking: () => undefined, onReconnecting },
    wait: (milliseconds) => {
      waits.push(milliseconds);
      return Promise.resolve();
    },
    random: () => 0.5,
    ...(options.messageId !== undefined && { messageId: options.messageId }),
  });
  return { outcome, text, waits, starts, reconnects: onReconnecting.mock.calls.length };
}

describe("followAnswer", () => {
  it("reads an unbroken answer", async () => {
    const run = await follow(new CuttingServer([]).source);
    expect(run.text.value).toBe(ANSWER);
    expect(run.outcome.kind).toBe("done");
    expect(run.reconnects).toBe(0);
  });

  it("loses and repeats nothing wherever the connection is cut, several times", async () => {
    for (let cut = 100; cut < 900; cut += 7) {
      const server = new CuttingServer([cut, 60, 30]);
      const run = await follow(server.source);
      expect(run.text.value).toBe(ANSWER);
      expect(run.outcome.kind).toBe("done");
    }
  });

  it("asks again from the code point it has, not the UTF-16 unit", async () => {
    const have = "Кінцугі — це 🏺";
    const server = new CuttingServer([]);
    const run = await follow(server.source, { messageId: MESSAGE_ID, have });
    expect(server.positions).toEqual([Array.from(have).length]);
    expect(run.text.value).toBe(ANSWER);
  });

  it("posts again while no start frame has come, and resumes once it has", async () => {
    const server = new CuttingServer([10, 300]);
    await follow(server.source);
    expect(server.posts).toHaveLength(2);
    expect(server.positions).toHaveLength(1);
  });

  it("retries an unreachable server with growing waits, then leaves it to the person", async () => {
    const open = vi.fn(() => Promise.reject(new ApiError("offline", 0, "network")));
    const run = await follow({ open, resume: open });
    expect(run.outcome.kind).toBe("unreachable");
    expect(run.waits.slice(0, 6)).toEqual([500, 1000, 2000, 4000, 8000, 16_000]);
    expect(open).toHaveBeenCalledTimes(run.waits.length + 1);
  });

  it("follows an answer that runs for as long as the server is away, and goes on by itself", async () => {
    const server = new CuttingServer([]);
    let away = 40;
    const resume: AnswerSource["resume"] = (...where) =>
      away-- > 0 ? Promise.reject(new ApiError("offline", 0, "network")) : server.source.resume(...where);
    const run = await follow({ resume }, { messageId: MESSAGE_ID });
    expect(run.outcome.kind).toBe("done");
    expect(run.text.value).toBe(ANSWER);
  });

  it("does not repeat a request that would be answered twice", async () => {
    const open = vi.fn(() => Promise.reject(new ApiError("offline", 0, "network")));
    expect((await follow({ open, openOnce: true, resume: open })).outcome.kind).toBe("unreachable");
    expect(open).toHaveBeenCalledTimes(1);
  });

  it("does not retry what the server refused", async () => {
    const body = { error: "Token limit exceeded", code: "token_limit_exceeded", reset_at: "2026-01-01T00:00:00Z" };
    const open = vi.fn(() => Promise.resolve(Response.json(body, { status: 429 })));
    const { outcome } = await follow({ open, resume: open });
    expect(outcome).toMatchObject({ kind: "error", error: { code: "token_limit_exceeded", status: 429 } });
    expect(open).toHaveBeenCalledTimes(1);
  });

  it("keeps the text and gives the error when the stream ends in an error frame", async () => {
    const frames =
      `id: 2\ndata: {"delta":"Hi","message_id":"m1","done":false}\n\n` +
      `event: error\nid: 2.done\ndata: {"error":"The model stopped answering.","code":"provider_silent"}\n\n`;
    const run = await follow({ resume: () => Promise.resolve(new Response(frames)) }, { messageId: MESSAGE_ID });
    expect(run.text.value).toBe("Hi");
    expect(run.outcome).toMatchObject({ kind: "error", error: { code: "provider_silent" } });
  });

  it("takes 204 for a settled answer", async () => {
    const resume = () => Promise.resolve(new Response(null, { status: 204 }));
    expect((await follow({ resume }, { messageId: MESSAGE_ID })).outcome.kind).toBe("settled");
  });

  it("asks again from its own position when a delta is missing", async () => {
    const positions: number[] = [];
    const frame = (id: string, delta: string) =>
      `id: ${id}\ndata: {"delta":"${delta}","message_id":"m1","done":false}\n\n`;
    const bodies = [
      frame("2", "ab") + frame("6", "ef"),
      frame("6", "cdef") + 'id: 6.done\ndata: {"delta":"","done":true}\n\n',
    ];
    const run = await follow(
      {
        resume: (_id, position) => {
          positions.push(position);
          return Promise.resolve(new Response(bodies.shift()));
        },
      },
      { messageId: MESSAGE_ID },
    );
    expect(positions).toEqual([0, 2]);
    expect(run.text.value).toBe("abcdef");
  });

  it("grows a continued message from its stored text", async () => {
    const start = JSON.stringify({ user_message: null, message: { id: "m1", content: "stored " }, notice: null });
    const frames = `event: start\nid: 0\ndata: ${start}\n\nid: 11\ndata: {"delta":"text","done":false}\n\nid: 11.done\ndata: {"delta":"","done":true}\n\n`;
    const open = () => Promise.resolve(new Response(frames));
    expect((await follow({ open, resume: open })).text.value).toBe("stored text");
  });

  it("does not hide a bug in a handler behind a retry", async () => {
    const broken = followAnswer({
      source: new CuttingServer([]).source,
      text: new AnswerText(),
      signal: new AbortController().signal,
      events: {
        onStart: () => {
          throw new TypeError("bug");
        },
        onText: () => undefined, onThinking: () => undefined,
        onReconnecting: () => undefined,
      },
    });
    await expect(broken).rejects.toThrow("bug");
  });

  it("stops at once when aborted while it waits", async () => {
    const controller = new AbortController();
    const outcome = await followAnswer({
      source: { resume: () => Promise.reject(new ApiError("offline", 0, "network")) },
      text: new AnswerText(),
      messageId: MESSAGE_ID,
      signal: controller.signal,
      events: { onStart: () => undefined, onText: () => undefined, onThinking: () => undefined, onReconnecting: () => controller.abort() },
    });
    expect(outcome.kind).toBe("aborted");
  });
});

describe("backoff", () => {
  it("stays within a fifth of its base and below its ceiling", () => {
    expect(backoff(1, () => 0)).toBeCloseTo(400);
    expect(backoff(1, () => 1)).toBeCloseTo(600);
    expect(backoff(30, () => 0.5)).toBe(16_000);
  });
});

describe("AnswerText", () => {
  it("takes only the missing tail of an overlapping delta", () => {
    const text = new AnswerText("ab🏺");
    expect(text.append("b🏺cd", 5)).toBe(true);
    expect(text.value).toBe("ab🏺cd");
  });

  it("does not shrink when the server's copy is behind", () => {
    const text = new AnswerText("abc");
    text.adopt("ab");
    expect(text.value).toBe("abc");
  });
});
