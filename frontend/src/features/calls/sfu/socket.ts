/**
 * Janus's own protocol over one WebSocket: requests that are answered, and what is told without being asked for.
 * https://janus.conf.meetecho.com/docs/rest.html (2026)
 */
const ANSWER_MS = 10_000;
/** Janus forgets a session that is silent for a minute. */
const KEEP_ALIVE_MS = 20_000;

export interface Jsep {
  type: "offer" | "answer";
  sdp: string;
}

export interface Publisher {
  id: string;
  streams?: { mid: string; type: string; description?: string; disabled?: boolean }[];
}

/** A stream of a subscription: which place of whom it carries. */
export interface Stream {
  mid: string;
  type: string;
  active?: boolean;
  feed_id?: string;
  feed_mid?: string;
}

export interface RoomData {
  videoroom?: string;
  publishers?: Publisher[];
  streams?: Stream[];
  unpublished?: string;
  leaving?: string;
  error_code?: number;
  error?: string;
}

export interface JanusFrame {
  janus: string;
  transaction?: string;
  sender?: number;
  data?: { id: number };
  error?: { code: number; reason: string };
  plugindata?: { data: RoomData };
  jsep?: Jsep;
}

export class JanusRefusal extends Error {
  constructor(
    readonly code: number,
    reason: string,
  ) {
    super(reason);
  }
}

interface Waiting {
  isFinal: (frame: JanusFrame) => boolean;
  answer: (frame: JanusFrame) => void;
  refuse: (error: Error) => void;
  timer: ReturnType<typeof setTimeout>;
}

const isAnswer = ({ janus }: JanusFrame) => janus !== "ack";
const isTaken = () => true;

export class JanusSocket {
  private count = 0;
  private isClosed = false;
  /** What is said to whoever asks once nothing can be asked any more. */
  private reason = new JanusRefusal(0, "The door is shut.");
  private session: number | null = null;
  private keepAlive: ReturnType<typeof setInterval> | undefined;
  private readonly waiting = new Map<string, Waiting>();

  private constructor(
    private readonly socket: WebSocket,
    private readonly onNews: (frame: JanusFrame) => void,
    private readonly onClosed: () => void,
  ) {}

  /** `url` may be a path of this site. Rejects when nobody opens. */
  static dial(url: string, onNews: (frame: JanusFrame) => void, onClosed: () => void): Promise<JanusSocket> {
    const address = new URL(url, location.href);
    address.protocol = address.protocol.replace("http", "ws");
    const raw = new WebSocket(address, "janus-protocol");
    const socket = new JanusSocket(raw, onNews, onClosed);
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => raw.close(), ANSWER_MS);
      raw.onopen = () => {
        clearTimeout(late);
        resolve(socket);
      };
      raw.onmessage = ({ data }) => socket.take(JSON.parse(String(data)) as JanusFrame);
      raw.onclose = () => {
        clearTimeout(late);
        reject(new JanusRefusal(0, "The door is shut."));
        socket.closed();
      };
    });
  }

  async create(): Promise<number> {
    const { data } = await this.ask({ janus: "create" });
    return this.begin(data?.id ?? 0);
  }

  /** Take over a session whose socket broke. */
  async claim(session: number): Promise<void> {
    await this.ask({ janus: "claim", session_id: session });
    this.begin(session);
  }

  async attach(): Promise<number> {
    return (await this.ask({ janus: "attach", plugin: "janus.plugin.videoroom" })).data?.id ?? 0;
  }

  say(handle: number, body: object, jsep?: Jsep | null): Promise<JanusFrame> {
    return this.ask({ janus: "message", handle_id: handle, body, ...(jsep && { jsep }) });
  }

  trickle(handle: number, candidates: readonly object[]): void {
    this.ask({ janus: "trickle", handle_id: handle, candidates }, isTaken).catch(() => undefined);
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    clearInterval(this.keepAlive);
    // Said, so that nothing of it is kept for somebody who comes back.
    if (this.session !== null && this.socket.readyState === WebSocket.OPEN) {
      this.socket.send(JSON.stringify({ janus: "destroy", session_id: this.session, transaction: "end" }));
    }
    this.socket.close();
    this.refuseAll();
  }

  private begin(session: number): number {
    this.session = session;
    this.keepAlive = setInterval(() => {
      // Nobody answers: the line is dead, whatever the browser thinks of it.
      this.ask({ janus: "keepalive" }, isTaken).catch(() => this.socket.close());
    }, KEEP_ALIVE_MS);
    return session;
  }

  private ask(frame: object, isFinal: (frame: JanusFrame) => boolean = isAnswer): Promise<JanusFrame> {
    if (this.isClosed || this.socket.readyState !== WebSocket.OPEN) {
      return Promise.reject(this.reason);
    }
    const transaction = `k${++this.count}`;
    const session = this.session === null ? {} : { session_id: this.session };
    this.socket.send(JSON.stringify({ ...session, ...frame, transaction }));
    return new Promise((answer, refuse) => {
      const timer = setTimeout(() => {
        this.waiting.delete(transaction);
        refuse(new JanusRefusal(0, "The media server does not answer."));
      }, ANSWER_MS);
      this.waiting.set(transaction, { isFinal, answer, refuse, timer });
    });
  }

  private take(frame: JanusFrame): void {
    const asked = this.waiting.get(frame.transaction ?? "");
    const data = frame.plugindata?.data;
    if (asked && (frame.janus === "error" || asked.isFinal(frame))) {
      this.waiting.delete(frame.transaction ?? "");
      clearTimeout(asked.timer);
      if (frame.error) asked.refuse(new JanusRefusal(frame.error.code, frame.error.reason));
      else if (data?.error_code !== undefined) asked.refuse(new JanusRefusal(data.error_code, data.error ?? ""));
      else asked.answer(frame);
    }
    else if (frame.janus === "error" && frame.error) {
      // Not let in: said in words, as a browser tells a page nothing of a handshake that fails.
      this.reason = new JanusRefusal(frame.error.code, frame.error.reason);
      this.refuseAll();
    }
    else if (!asked) this.onNews(frame);
  }

  private closed(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    clearInterval(this.keepAlive);
    this.refuseAll();
    this.onClosed();
  }

  private refuseAll(): void {
    for (const { refuse, timer } of this.waiting.values()) {
      clearTimeout(timer);
      refuse(this.reason);
    }
    this.waiting.clear();
  }
}
