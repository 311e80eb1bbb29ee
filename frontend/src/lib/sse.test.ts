import { describe, expect, it } from "vitest";
import { readEvents, SseParser, StreamBrokenError, type ServerSentEvent } from "./sse";

function parse(...chunks: string[]): ServerSentEvent[] {
  const parser = new SseParser();
  return chunks.flatMap((chunk) => parser.push(chunk));
}

const SAMPLE = 'event: start\nid: 0\ndata: {"a":1}\n\n: heartbeat\n\nid: 17\ndata: one\ndata: two\n\n';
const SAMPLE_EVENTS = [
  { event: "start", id: "0", data: '{"a":1}' },
  { event: "message", id: "17", data: "one\ntwo" },
];

describe("SseParser", () => {
  it.each([
    ["LF", "\n"],
    ["CR", "\r"],
    ["CRLF", "\r\n"],
  ])("reads %s line ends", (_, lineEnd) => {
    expect(parse(SAMPLE.replaceAll("\n", lineEnd))).toEqual(SAMPLE_EVENTS);
  });

  it.each(["\n", "\r", "\r\n"])("gives the same events wherever the text is cut (%j)", (lineEnd) => {
    const text = SAMPLE.replaceAll("\n", lineEnd);
    for (let at = 0; at <= text.length; at += 1) {
      expect(parse(text.slice(0, at), text.slice(at))).toEqual(SAMPLE_EVENTS);
    }
    expect(parse(...Array.from(text))).toEqual(SAMPLE_EVENTS);
  });

  it("does not take CR LF CR LF for four line ends", () => {
    expect(parse("data: a\r", "\n\r", "\n")).toEqual([{ event: "message", id: "", data: "a" }]);
  });

  it("keeps mixed line ends apart", () => {
    expect(parse("data: a\r\ndata: b\n\r\ndata: c\r\r")).toEqual([
      { event: "message", id: "", data: "a\nb" },
      { event: "message", id: "", data: "c" },
    ]);
  });

  it("keeps the id for later events and ignores one with a NUL", () => {
    const events = parse("id: 4\ndata: x\n\ndata: y\n\nid: 5\0\ndata: z\n\nid\ndata: w\n\n");
    expect(events.map((event) => event.id)).toEqual(["4", "4", "4", ""]);
  });

  it("strips one leading space only and allows a field without a colon", () => {
    expect(parse("data:  two spaces\n\ndata\n\ndata:\n\n").map((event) => event.data)).toEqual([" two spaces", "", ""]);
  });

  it("dispatches nothing for an event without data and forgets its name", () => {
    expect(parse("event: ping\n\ndata: x\n\n")).toEqual([{ event: "message", id: "", data: "x" }]);
  });

  it("ignores unknown fields, comments and a byte order mark", () => {
    expect(parse("\uFEFFretry: 5\nfoo: bar\n: hello\ndata: x\n\n")).toEqual([{ event: "message", id: "", data: "x" }]);
  });

  it("drops an event that the end of the stream cut off", () => {
    expect(parse("data: whole\n\ndata: half\n")).toHaveLength(1);
  });
});

function bodyOf(
  chunks: Uint8Array[],
  { close = true, onCancel = (): void => undefined } = {},
): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      if (close) controller.close();
    },
    cancel: onCancel,
  });
}

async function collect(stream: AsyncGenerator<ServerSentEvent[]>): Promise<ServerSentEvent[]> {
  const events: ServerSentEvent[] = [];
  for await (const batch of stream) events.push(...batch);
  return events;
}

describe("readEvents", () => {
  it("joins characters whose bytes were split over chunks", async () => {
    const bytes = new TextEncoder().encode("data: зшити золотом 🏺\n\n");
    const single = Array.from(bytes, (byte) => Uint8Array.of(byte));
    expect(await collect(readEvents(bodyOf(single)))).toEqual([{ event: "message", id: "", data: "зшити золотом 🏺" }]);
  });

  it("closes the connection when the consumer leaves", async () => {
    let cancelled = false;
    const body = bodyOf([new TextEncoder().encode("data: x\n\n")], {
      close: false,
      onCancel: () => {
        cancelled = true;
      },
    });
    for await (const batch of readEvents(body)) {
      expect(batch).toHaveLength(1);
      break;
    }
    expect(cancelled).toBe(true);
  });

  it("gives up on a silent connection", async () => {
    const silent = readEvents(bodyOf([], { close: false }), { silenceMs: 5 });
    await expect(collect(silent)).rejects.toBeInstanceOf(StreamBrokenError);
  });
});
