/**
 * Signalling between two legs, over a relay that may lose frames: each is numbered and sent again until it was
 * acknowledged, and handed out once and in order.
 *
 * Numbers come in thousands. A page that was loaded anew, or gave its connection up, goes on in the next thousand; the other
 * side sees by that that all before is void, forgets it and goes on there as well.
 */
import { limit } from "@/lib/config";

import type { Signal, SignalFrame } from "./shapes";

const RESEND_MS = [1_000, 2_000, 4_000];
const ACK_MS = 300;
const BATCH_MS = 50;
const EPOCH = 1_000;
/** Nobody begins so often anew between two frames that arrive. Who claims to have is not followed there. */
const MOST_AHEAD = 100;

export interface WireOptions {
  callId: string;
  from: string;
  to: string;
  generation: number;
  /** In which thousand to begin. */
  epoch: number;
  tell: (type: string, payload: SignalFrame) => void;
  onSignal: (signal: Signal) => void;
  /** The other side began anew: whatever was made with it is void. */
  onAnew: (epoch: number) => void;
}

export class Wire {
  private epoch: number;
  private sentN: number;
  private takenN: number;
  private readonly unacknowledged = new Map<number, Signal>();
  private readonly early = new Map<number, Signal>();
  private batch: Extract<Signal, { type: "call.ice" }>["candidates"] = [];
  private tries = 0;
  private resendTimer: ReturnType<typeof setTimeout> | undefined;
  private ackTimer: ReturnType<typeof setTimeout> | undefined;
  private batchTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly options: WireOptions) {
    this.epoch = options.epoch;
    this.sentN = this.takenN = this.epoch * EPOCH;
  }

  get currentEpoch(): number {
    return this.epoch;
  }

  send(signal: Signal): void {
    // What was gathered before belongs to what was said before.
    if (signal.type !== "call.ice") this.flush();
    this.push(signal);
  }

  /** Candidates go together, a moment later. */
  trickle(candidate: Extract<Signal, { type: "call.ice" }>["candidates"][number]): void {
    this.batch.push(candidate);
    if (this.batch.length >= limit("max_ice_candidates")) this.flush();
    else this.batchTimer ??= setTimeout(() => this.flush(), BATCH_MS);
  }

  take(type: string, frame: SignalFrame): void {
    if (frame.generation !== this.options.generation) return;
    const n = frame.n ?? null;
    const epoch = n === null ? this.epoch : Math.floor((n - 1) / EPOCH);
    if (epoch > this.epoch + MOST_AHEAD) return;
    if (epoch > this.epoch) {
      this.anew(epoch);
      this.options.onAnew(epoch);
    }
    if (typeof frame.ack === "number") this.acknowledged(frame.ack);
    const signal = signalOf(type, frame);
    if (n === null || signal === null || epoch < this.epoch) return;
    if (n > this.takenN) this.early.set(n, signal);
    this.ackTimer ??= setTimeout(() => this.acknowledge(), ACK_MS);
    for (let next; (next = this.early.get(this.takenN + 1)) !== undefined; ) {
      this.early.delete(++this.takenN);
      this.options.onSignal(next);
    }
  }

  /** Forget all that was said and go on in another thousand. */
  anew(epoch = this.epoch + 1): void {
    this.close();
    this.epoch = epoch;
    this.sentN = this.takenN = epoch * EPOCH;
    this.unacknowledged.clear();
    this.early.clear();
    this.batch = [];
    this.tries = 0;
  }

  /** Tell the other side, without anything else to say, that one has begun anew. */
  hello(): void {
    this.push({ type: "call.ice", candidates: [] });
  }

  close(): void {
    clearTimeout(this.resendTimer);
    clearTimeout(this.ackTimer);
    clearTimeout(this.batchTimer);
    this.resendTimer = this.ackTimer = this.batchTimer = undefined;
  }

  /** The line is back: do not wait for the timer. */
  retry(): void {
    if (this.unacknowledged.size > 0) this.resend();
  }

  private flush(): void {
    clearTimeout(this.batchTimer);
    this.batchTimer = undefined;
    const candidates = this.batch;
    this.batch = [];
    if (candidates.length > 0) this.push({ type: "call.ice", candidates });
  }

  private push(signal: Signal): void {
    const n = ++this.sentN;
    this.unacknowledged.set(n, signal);
    this.write(n, signal);
    if (this.resendTimer === undefined) this.tries = 0;
    this.resendTimer ??= setTimeout(() => this.resend(), RESEND_MS[0]);
  }

  private resend(): void {
    clearTimeout(this.resendTimer);
    this.resendTimer = undefined;
    if (this.unacknowledged.size === 0) return;
    this.tries = Math.min(this.tries + 1, RESEND_MS.length - 1);
    for (const [n, signal] of this.unacknowledged) this.write(n, signal);
    this.resendTimer = setTimeout(() => this.resend(), RESEND_MS[this.tries]);
  }

  private acknowledged(ack: number): void {
    if (ack <= this.epoch * EPOCH || ack > this.sentN) return;
    for (const n of [...this.unacknowledged.keys()]) if (n <= ack) this.unacknowledged.delete(n);
    if (this.unacknowledged.size > 0) return;
    clearTimeout(this.resendTimer);
    this.resendTimer = undefined;
  }

  private acknowledge(): void {
    this.ackTimer = undefined;
    this.options.tell("call.ice", this.envelope());
  }

  private write(n: number, { type, ...body }: Signal): void {
    clearTimeout(this.ackTimer);
    this.ackTimer = undefined;
    this.options.tell(type, { ...this.envelope(), n, ...body });
  }

  private envelope(): SignalFrame {
    const { callId, from, to, generation } = this.options;
    const ack = this.takenN > this.epoch * EPOCH && { ack: this.takenN };
    return { call_id: callId, from_leg_id: from, to_leg_id: to, generation, ...ack };
  }
}

function signalOf(type: string, { sdp, candidates }: SignalFrame): Signal | null {
  if (type === "call.ice") return candidates === undefined ? null : { type, candidates };
  return (type === "call.offer" || type === "call.answer") && sdp !== undefined ? { type, sdp } : null;
}
