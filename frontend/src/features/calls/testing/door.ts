/** The door to a media server, and the room behind it, as far as a page notices. Tests only. */
import type { Outgoing } from "../media/slots";
import type { MediaPass } from "../model/shapes";

/** One stream, as a page wants it. */
interface Wish {
  feed?: string;
  mid?: string;
  send?: boolean;
  substream?: number;
}

interface Asked {
  janus: string;
  transaction: string;
  session_id?: number;
  handle_id?: number;
  body?: { request: string; ptype?: string; bitrate?: number; streams?: Wish[]; [name: string]: unknown };
  jsep?: { type: string; sdp: string };
  candidates?: unknown[];
}

const SLOTS = ["audio", "camera", "screen", "sound"];

/** Who publishes what, as the room says it. */
export function publisher(id: string) {
  const streams = SLOTS.map((description, index) => ({
    mid: String(index),
    type: description === "camera" || description === "screen" ? "video" : "audio",
    description,
  }));
  return { id, streams };
}

export class FakeDoor {
  readonly asked: Asked[] = [];
  readonly sockets: FakeDoorSocket[] = [];
  publishers: ReturnType<typeof publisher>[] = [];
  /** Said to whoever comes next, and the door is shut. */
  refusal: { code: number; reason: string } | null = null;
  /** Sessions that can be claimed. */
  readonly sessions = new Set<number>();
  readonly passes: string[] = [];
  /** Of the connection that carries the others. */
  streams: { mid: string; type: string; active: boolean; feed_id: string; feed_mid: string }[] = [];
  private count = 0;
  private handles = 0;
  main = 0;
  down = 0;

  pass(generation = 2): Promise<MediaPass> {
    const url = `/sfu?token=pass-${++this.count}`;
    return Promise.resolve({ provider: "janus", generation, room_id: "r", url, token: null, role: null, expires_at: "" });
  }

  readonly Socket = ((door: FakeDoor) =>
    class extends FakeDoorSocket {
      constructor(url: string | URL) {
        super(door, String(url));
      }
    })(this);

  requests(name: string): Asked[] {
    return this.asked.filter(({ janus, body }) => (body?.request ?? janus) === name);
  }

  /** Told without being asked for. */
  tell(frame: object): void {
    this.sockets.at(-1)?.say(frame);
  }

  news(data: object): void {
    this.tell({ janus: "event", sender: this.main, plugindata: { data: { videoroom: "event", ...data } } });
  }

  answer(socket: FakeDoorSocket, frame: Asked): void {
    this.asked.push(frame);
    const { transaction } = frame;
    const event = (data: object, jsep?: object) =>
      socket.say({ janus: "event", transaction, sender: frame.handle_id, plugindata: { data }, ...(jsep && { jsep }) });
    const offer = { type: "offer", sdp: `offer ${this.asked.length}` };
    if (frame.janus === "create") {
      this.sessions.add(7);
      socket.say({ janus: "success", transaction, data: { id: 7 } });
    } else if (frame.janus === "claim" && !this.sessions.has(frame.session_id ?? 0)) {
      socket.say({ janus: "error", transaction, error: { code: 458, reason: "No such session" } });
    } else if (frame.janus === "attach") socket.say({ janus: "success", transaction, data: { id: ++this.handles } });
    else if (frame.janus !== "message") socket.say({ janus: frame.janus === "claim" ? "success" : "ack", transaction });
    else {
      socket.say({ janus: "ack", transaction });
      this.act(frame, event, offer);
    }
  }

  private act({ body, handle_id: handle = 0, jsep }: Asked, event: (data: object, jsep?: object) => void, offer: object): void {
    if (body?.request === "join" && body.ptype === "publisher") {
      this.main = handle;
      event({ videoroom: "joined", publishers: this.publishers });
    } else if (body?.request === "join" || body?.request === "subscribe") {
      this.down = handle;
      for (const { feed, mid } of body.streams ?? []) this.carry(feed ?? "", mid);
      event({ videoroom: "updated", streams: this.streams }, offer);
    } else if (body?.request === "unsubscribe") {
      for (const { feed, mid } of body.streams ?? []) this.drop(feed ?? "", mid);
      event({ videoroom: "updated", streams: this.streams }, offer);
    } else if (jsep?.type === "offer") event({ videoroom: "event", configured: "ok" }, { type: "answer", sdp: "answer" });
    else event({ videoroom: "event" });
  }

  private carry(feed: string, mid?: string): void {
    for (const stream of publisher(feed).streams) {
      if (mid !== undefined && stream.mid !== mid) continue;
      const carried = { type: stream.type, active: true, feed_id: feed, feed_mid: stream.mid };
      const free = this.streams.find(({ active, type }) => !active && type === stream.type);
      if (free) Object.assign(free, carried);
      else this.streams.push({ mid: String(this.streams.length), ...carried });
    }
  }

  drop(feed: string, mid?: string): void {
    for (const stream of this.streams) {
      if (stream.feed_id === feed && (mid === undefined || stream.feed_mid === mid)) stream.active = false;
    }
  }
}

export class FakeDoorSocket {
  static readonly OPEN = 1;
  readyState = 0;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;

  constructor(
    private readonly door: FakeDoor,
    readonly url: string,
  ) {
    door.sockets.push(this);
    door.passes.push(url);
    queueMicrotask(() => {
      this.readyState = 1;
      this.onopen?.();
      if (door.refusal === null) return;
      this.say({ janus: "error", error: door.refusal });
      this.close();
    });
  }

  send(text: string): void {
    const frame = JSON.parse(text) as Asked;
    queueMicrotask(() => {
      if (this.readyState === 1) this.door.answer(this, frame);
    });
  }

  say(frame: object): void {
    queueMicrotask(() => this.onmessage?.({ data: JSON.stringify(frame) }));
  }

  close(): void {
    if (this.readyState === 3) return;
    this.readyState = 3;
    queueMicrotask(() => this.onclose?.());
  }
}

export const MIC = { kind: "audio", name: "microphone" } as unknown as MediaStreamTrack;
export const CAMERA = { kind: "video", getSettings: () => ({ height: 720 }) } as unknown as MediaStreamTrack;
export const OUT: Outgoing = { audio: MIC, camera: null, screen: null, sound: null };
