/**
 * One connection to the server's streams, for as long as somebody is signed in.
 *
 * It hands out every durable event exactly once and in order, whatever the network does: it tells the server how far it
 * has come, drops what it has seen, and asks again where something is missing. The positions are the caller's, who keeps
 * them together with what the events did.
 */
import { signal } from "@preact/signals";

import { api, ApiError, refreshSession, session } from "@/lib/api";
import { setServerClock } from "@/lib/serverClock";
import { toJson } from "@/lib/text";

import { backoff } from "./backoff";
import { adviceFor } from "./closes";
import type { EndReason } from "./closes";
import { Commands, noAnswer, UNREADABLE } from "./commands";
import { socketStarted, socketStopped } from "./current";
import { publish } from "./eventBus";
import { isDurable, parseFrame, streamOf } from "./frames";
import type { DurableFrame, Frame } from "./frames";
import type { SharedSocket, SocketOptions, SocketState } from "./options";
import { listenForWakeups } from "./wakeups";

const COMMAND_TIMEOUT_MS = 15_000;
const CONNECT_TIMEOUT_MS = 15_000;
/** The server pings every 25 s; more than two in silence means a dead line. */
const SILENCE_MS = 60_000;
/** A page that wakes after this long asks whether its line still lives. */
const DOUBT_AFTER_MS = 30_000;
const PROBE_MS = 10_000;
/** A stream whose gap does not close must not make us ask without end. */
const RESYNC_PAUSE_MS = 1_000;
/** A server that understands nothing at all is another than this page was made for. */
const MOST_UNREADABLE = 12;
/** Keeps a `sync` below the server's 64 KiB a frame; streams left out come back as `reset`. */
const MOST_POSITIONS = 1_000;

export class RealtimeSocket implements SharedSocket {
  readonly state = signal<SocketState>({ state: "offline", retryAt: null });

  private socket: WebSocket | null = null;
  private failures = 0;
  /** Times the server hung up over a command, since it last understood one. */
  private unreadable = 0;
  /** A second refusal of a fresh session means that there is none. */
  private renewed = false;
  private waitsForFocus = false;
  private heardAt = 0;
  private syncing: { again: boolean } | null = null;
  private retryTimer: ReturnType<typeof setTimeout> | undefined;
  private silenceTimer: ReturnType<typeof setTimeout> | undefined;
  private resyncTimer: ReturnType<typeof setTimeout> | undefined;
  private stopListening: (() => void) | null = null;
  private connection = 0;
  private readonly commands = new Commands(COMMAND_TIMEOUT_MS, () => this.lost());

  constructor(private readonly options: SocketOptions) {}

  start(): void {
    this.stopListening ??= listenForWakeups({ onWake: () => this.wake(), onNetworkLost: () => this.lost() });
    socketStarted(this);
    this.connect();
  }

  stop(): void {
    this.stopListening?.();
    this.stopListening = null;
    this.hangUp();
    clearTimeout(this.retryTimer);
    this.state.value = { state: "offline", retryAt: null };
    socketStopped(this);
  }

  /** Do not wait for the timer; also out of an end that the next connection may well not share. */
  connectNow(): void {
    const { value } = this.state;
    const final = value.state === "ended" && value.reason !== "malformed";
    if (final || value.state === "live" || this.stopListening === null) return;
    this.connect();
  }

  command(type: string, payload: unknown): Promise<unknown> {
    if (this.state.value.state !== "live") return Promise.reject(noAnswer());
    return this.commands.send(type, payload, (text) => this.write(text));
  }

  tell(type: string, payload: unknown): void {
    if (this.state.value.state === "live") this.write(toJson({ type, payload }));
  }

  private connect(): void {
    this.hangUp();
    clearTimeout(this.retryTimer);
    this.waitsForFocus = false;
    this.state.value = { state: "connecting" };
    const connection = ++this.connection;
    this.watch(CONNECT_TIMEOUT_MS);
    api.post("/api/auth/ws-ticket").then(
      ({ ticket }) => {
        if (connection === this.connection) this.dial(ticket);
      },
      (error: unknown) => {
        if (connection !== this.connection) return;
        if (error instanceof ApiError && error.status === 401) this.end("expired");
        else this.retryIn(backoff(this.failures++));
      },
    );
  }

  private dial(ticket: string): void {
    const url = new URL(`/ws?token=${encodeURIComponent(ticket)}`, window.location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(url);
    this.socket = socket;
    socket.onmessage = (event: MessageEvent) => {
      if (this.socket === socket) this.receive(event.data);
    };
    socket.onclose = (event) => {
      if (this.socket === socket) this.closed(event.code, event.reason);
    };
  }

  private receive(data: unknown): void {
    this.heardAt = Date.now();
    this.watch(SILENCE_MS);
    const frame = parseFrame(data);
    if (frame === null) return;
    if (isDurable(frame)) this.take(frame);
    else this.control(frame);
  }

  /** An event is handed out when it is the next of its stream, and only then. */
  private take(frame: DurableFrame): void {
    const { positions, userId, onEvent } = this.options;
    const stream = streamOf(frame, userId);
    const verdict = positions.judge(stream, frame.seq);
    if (verdict === "gap") this.resync();
    if (verdict !== "next") return;
    positions.advance(stream, frame.seq);
    onEvent(stream, frame);
    publish(frame);
  }

  private control(frame: Frame): void {
    const payload = frame.payload as Record<string, unknown>;
    switch (frame.type) {
      case "hello":
        setServerClock(String(payload.server_time));
        this.state.value = { state: "catching-up" };
        publish(frame);
        this.sync();
        break;
      case "synced":
        this.synced(payload as unknown as { reset: string[]; more: boolean; heads?: Record<string, number> });
        break;
      case "ping":
        this.write('{"type":"pong"}');
        this.compareTails((payload.tails ?? {}) as Record<string, number>);
        break;
      case "ok":
        this.unreadable = 0;
        this.commands.succeed(frame.id ?? "", payload);
        break;
      case "error":
        this.commands.fail(frame.id ?? "", payload);
        break;
      default:
        this.options.onSignal(frame);
        publish(frame);
    }
  }

  private sync(): void {
    this.syncing = { again: false };
    const streams = Object.fromEntries(this.options.positions.foremost(MOST_POSITIONS));
    this.write(JSON.stringify({ type: "sync", id: "sync", payload: { streams } }));
  }

  private synced({ reset, more, heads = {} }: { reset: string[]; more: boolean; heads?: Record<string, number> }): void {
    const { positions, onReset } = this.options;
    const asked = this.syncing?.again === true;
    this.syncing = null;
    const resets = reset.map((stream) => {
      const had = positions.get(stream);
      const head = heads[stream] ?? null;
      if (head === null) positions.forget(stream);
      else positions.restart(stream, head);
      return { stream, head, restored: had !== undefined && head !== null && had > head };
    });
    if (resets.length > 0) onReset(resets);
    if (more) {
      this.sync();
      return;
    }
    if (asked) this.resync();
    this.failures = 0;
    this.renewed = false;
    if (this.state.value.state === "live") return;
    this.state.value = { state: "live" };
    this.options.onLive();
  }

  /** Something is missing: tell the server again what we have, once for many events, and not without pause. */
  private resync(): void {
    if (this.syncing !== null) {
      this.syncing.again = true;
      return;
    }
    this.resyncTimer ??= setTimeout(() => {
      this.resyncTimer = undefined;
      if (this.syncing === null && this.socket !== null) this.sync();
    }, RESYNC_PAUSE_MS);
  }

  private compareTails(tails: Record<string, number>): void {
    const { positions } = this.options;
    if (Object.entries(tails).some(([stream, seq]) => (positions.get(stream) ?? 0) < seq)) this.resync();
  }

  private closed(code: number, reason: string): void {
    const advice = adviceFor(code, reason);
    const isMalformed = advice.do === "end" && advice.reason === "malformed";
    if (isMalformed && this.commands.areWaiting && this.unreadable < MOST_UNREADABLE) {
      // One command is not understood, which is no fault of the connection: whoever sent those that wait learns it.
      this.commands.abandon(new ApiError("The server could not read this.", 0, UNREADABLE));
      this.hangUp();
      this.retryIn(backoff(this.unreadable++));
      return;
    }
    this.hangUp();
    switch (advice.do) {
      case "resume":
        this.connect();
        break;
      case "back-off":
        this.retryIn(backoff(this.failures++));
        break;
      case "wait":
        this.retryIn(advice.ms);
        break;
      case "wait-for-focus":
        this.waitsForFocus = true;
        this.state.value = { state: "offline", retryAt: null };
        break;
      case "renew-session":
        void this.renew();
        break;
      case "end":
        this.end(advice.reason);
    }
  }

  private async renew(): Promise<void> {
    if (this.renewed) {
      this.end("expired");
      return;
    }
    this.renewed = true;
    const { value } = session;
    this.state.value = { state: "connecting" };
    await refreshSession(value.status === "signed-in" ? value.accessToken : null).catch(() => undefined);
    if (this.stopListening !== null) this.connect();
  }

  /** The line is dead, though nobody has closed it. */
  private lost(): void {
    if (this.socket === null && this.state.value.state !== "connecting") return;
    this.connection += 1;
    this.hangUp();
    this.retryIn(backoff(this.failures++));
  }

  private wake(): void {
    const { value } = this.state;
    if (value.state === "offline") {
      if (this.waitsForFocus && !document.hasFocus()) return;
      this.connect();
    } else if (value.state === "live" && Date.now() - this.heardAt > DOUBT_AFTER_MS && this.syncing === null) {
      this.watch(PROBE_MS);
      this.sync();
    }
  }

  private retryIn(ms: number): void {
    clearTimeout(this.retryTimer);
    clearTimeout(this.silenceTimer);
    this.state.value = { state: "offline", retryAt: Date.now() + ms };
    this.retryTimer = setTimeout(() => this.connect(), ms);
  }

  private end(reason: EndReason): void {
    this.hangUp();
    this.state.value = { state: "ended", reason };
    this.options.onEnd(reason);
  }

  private hangUp(): void {
    const { socket } = this;
    this.socket = null;
    this.syncing = null;
    clearTimeout(this.silenceTimer);
    clearTimeout(this.resyncTimer);
    this.resyncTimer = undefined;
    socket?.close();
    this.commands.abandon();
  }

  private watch(ms: number): void {
    clearTimeout(this.silenceTimer);
    this.silenceTimer = setTimeout(() => this.lost(), ms);
  }

  private write(text: string): boolean {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(text);
    return true;
  }
}
