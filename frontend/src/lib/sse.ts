/**
 * Server-sent events over `fetch`.
 *
 * `EventSource` can neither POST nor carry an Authorization header, so the stream is read by hand. The parser follows
 * the WHATWG HTML standard, section 9.2.6 "Interpreting an event stream", and accepts input cut at any point.
 */

export interface ServerSentEvent {
  /** The `event:` field, `message` when the server named none. */
  readonly event: string;
  readonly data: string;
  /** The last id seen on the stream so far; it stays in force until another one arrives. */
  readonly id: string;
}

/** The connection broke, or stayed silent for so long that it must be taken for broken. `cause` says which. */
export class StreamBrokenError extends Error {
  override readonly name = "StreamBrokenError";
}

export class SseParser {
  private line = "";
  private endedWithCr = false;
  private atStart = true;
  private data: string[] = [];
  private event = "";
  private id: string;

  constructor(lastEventId = "") {
    this.id = lastEventId;
  }

  /** Feeds decoded text and returns the events that it completed. */
  push(chunk: string): ServerSentEvent[] {
    const events: ServerSentEvent[] = [];
    let text = chunk;
    if (this.atStart && text !== "") {
      this.atStart = false;
      if (text.startsWith("\uFEFF")) text = text.slice(1);
    }
    let from = 0;
    for (let at = 0; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (code !== LF && code !== CR) {
        this.endedWithCr = false;
        continue;
      }
      // The LF of a CRLF, perhaps in another chunk than its CR, ends no line of its own.
      const secondHalf = code === LF && this.endedWithCr && at === from;
      this.endedWithCr = code === CR;
      if (!secondHalf) {
        const event = this.endLine(this.line + text.slice(from, at));
        if (event) events.push(event);
        this.line = "";
      }
      from = at + 1;
    }
    this.line += text.slice(from);
    return events;
  }

  private endLine(line: string): ServerSentEvent | null {
    if (line === "") return this.dispatch();
    const colon = line.indexOf(":");
    if (colon === 0) return null; // a comment
    const name = colon < 0 ? line : line.slice(0, colon);
    let value = colon < 0 ? "" : line.slice(colon + 1);
    if (value.startsWith(" ")) value = value.slice(1);
    if (name === "data") this.data.push(value);
    else if (name === "event") this.event = value;
    else if (name === "id" && !value.includes("\0")) this.id = value;
    // `retry` is left out on purpose: the reader chooses its own backoff.
    return null;
  }

  private dispatch(): ServerSentEvent | null {
    const { data, event } = this;
    this.data = [];
    this.event = "";
    if (data.length === 0) return null;
    return { event: event || "message", data: data.join("\n"), id: this.id };
  }
}

const LF = 10;
const CR = 13;

export interface ReadOptions {
  /** Give up after this long without a byte. */
  readonly silenceMs?: number;
}

/**
 * Yields the events of a response body as batches, one per chunk read, so that a burst costs the consumer one turn.
 * An unfinished event at the end of the stream is dropped, as the standard asks.
 */
export async function* readEvents(
  body: ReadableStream<Uint8Array>,
  { silenceMs = Infinity }: ReadOptions = {},
): AsyncGenerator<ServerSentEvent[]> {
  const reader = body.getReader();
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const parser = new SseParser();
  try {
    for (;;) {
      const { done, value } = await withinSilence(reader.read(), silenceMs).catch((cause: unknown) => {
        throw new StreamBrokenError("The stream broke", { cause });
      });
      if (done) return;
      const events = parser.push(decoder.decode(value, { stream: true }));
      if (events.length > 0) yield events;
    }
  } finally {
    // Also reached when the consumer leaves early: the connection must not stay open behind it.
    await reader.cancel().catch(() => undefined);
  }
}

async function withinSilence<T>(read: Promise<T>, milliseconds: number): Promise<T> {
  if (milliseconds === Infinity) return read;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`No bytes for ${milliseconds} ms`)), milliseconds);
  });
  try {
    return await Promise.race([read, silence]);
  } finally {
    clearTimeout(timer);
  }
}
