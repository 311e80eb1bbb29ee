/** A connection to each other leg, for one generation of a call: made, watched, healed, measured. */
import type { IceConfig, SignalFrame } from "../model/shapes";
import { Wire } from "../model/wire";
import { Peer } from "./peer";
import { boundsFor } from "./slots";
import type { Outgoing, Slot } from "./slots";
import { between, tally } from "./stats";
import type { Tally } from "./stats";
import type { Heard, Way } from "./way";

/** Voices come 50 times a second; after so long without any, another way is looked for. */
const SILENCE_MS = 2_000;
/** The first way takes longer to be found. */
const FIRST_SILENCE_MS = 5_000;
/** Between two tries, growing: a way that cannot be found is not looked for all the time. */
const PAUSES_MS = [2_000, 4_000, 8_000, 15_000];
/** After so many tries in vain the connection is made anew. */
const TRIES_BEFORE_ANEW = 2;

export interface MeshOptions {
  callId: string;
  me: string;
  generation: number;
  /** In which thousand what is said to a leg begins. */
  epochOf: (legId: string) => number;
  ice: IceConfig;
  outgoing: Outgoing;
  freshIce: () => Promise<IceConfig>;
  tell: (type: string, payload: SignalFrame) => void;
  onTrack: (legId: string, slot: Slot, track: MediaStreamTrack) => void;
  onEpoch: (legId: string, epoch: number) => void;
}

/** One other leg: its connection may be made anew, the numbering goes on. */
interface Pair {
  legId: string;
  wire: Wire;
  peer: Peer;
  last: Tally | null;
  heardAt: number;
  /** Media came at least once. */
  wasHeard: boolean;
  restartAt: number;
  tries: number;
}

export class Mesh implements Way {
  private readonly pairs = new Map<string, Pair>();
  private outgoing: Outgoing;
  private ice: IceConfig;
  private isClosed = false;
  private isResting = false;

  constructor(private readonly options: MeshOptions) {
    this.outgoing = options.outgoing;
    this.ice = options.ice;
  }

  get generation(): number {
    return this.options.generation;
  }

  /** The legs there are; connections to others end. */
  follow(legIds: readonly string[]): void {
    for (const [id, pair] of this.pairs) if (!legIds.includes(id)) this.drop(id, pair);
    for (const id of legIds) if (!this.pairs.has(id)) this.add(id);
    const bounds = boundsFor(legIds.length);
    for (const { peer } of this.pairs.values()) peer.bound(bounds);
  }

  send(outgoing: Outgoing): void {
    this.outgoing = outgoing;
    for (const { peer } of this.pairs.values()) peer.send(outgoing);
  }

  take(type: string, frame: SignalFrame): void {
    this.pairs.get(frame.from_leg_id)?.wire.take(type, frame);
  }

  /** The line to the server is back. */
  retry(): void {
    for (const { wire } of this.pairs.values()) wire.retry();
  }

  /** The network has changed: look for other ways at once. */
  wake(): void {
    for (const pair of this.pairs.values()) {
      pair.restartAt = 0;
      void this.restart(pair);
    }
  }

  rest(): void {
    this.isResting = true;
  }

  /** Credentials that live on. */
  refresh(ice: IceConfig): void {
    this.ice = ice;
    for (const { peer } of this.pairs.values()) peer.refresh(ice);
  }

  /** How each is heard since the last look; who is not is looked for on other ways. */
  async look(now = performance.now()): Promise<Map<string, Heard>> {
    const heard = new Map<string, Heard>();
    for (const pair of [...this.pairs.values()]) {
      const sums = await tally(pair.peer.pc, now);
      if (this.isClosed || this.pairs.get(pair.legId) !== pair) continue;
      const { last } = pair;
      pair.last = sums;
      const hears = sums.audioPackets > (last?.audioPackets ?? 0);
      if (hears) {
        pair.heardAt = now;
        pair.wasHeard = true;
        pair.tries = 0;
      } else if (now - pair.heardAt >= (pair.wasHeard ? SILENCE_MS : FIRST_SILENCE_MS)) void this.restart(pair, now);
      heard.set(pair.legId, { quality: between(last ?? sums, sums), tally: sums, hears });
    }
    return heard;
  }

  /** For how long nothing came from one of them, in milliseconds; 0 for a leg that is not there. */
  silence(legId: string, now = performance.now()): number {
    const pair = this.pairs.get(legId);
    return pair === undefined ? 0 : now - pair.heardAt;
  }

  /** How loud each one is at the moment, between 0 and 1. */
  levels(): Map<string, number> {
    return new Map([...this.pairs].map(([id, { peer }]) => [id, peer.level()]));
  }

  connections(): Map<string, RTCPeerConnection> {
    return new Map([...this.pairs].map(([id, { peer }]) => [id, peer.pc]));
  }

  close(): void {
    this.isClosed = true;
    for (const [id, pair] of this.pairs) this.drop(id, pair);
  }

  private add(legId: string): void {
    const { callId, me, generation, tell } = this.options;
    const epoch = this.options.epochOf(legId);
    const wire = new Wire({
      callId,
      from: me,
      to: legId,
      generation,
      epoch,
      tell,
      onSignal: (signal) => this.pairs.get(legId)?.peer.take(signal),
      onAnew: (reached) => {
        this.options.onEpoch(legId, reached);
        this.renew(legId);
      },
    });
    const now = performance.now();
    const pair = { legId, wire, peer: this.connect(legId, wire), last: null, heardAt: now, wasHeard: false, restartAt: 0, tries: 0 };
    this.pairs.set(legId, pair);
    // After a reload the other side waits for nothing: it thinks that all is as it was.
    if (epoch > 0 && this.isPolite(legId)) wire.hello();
  }

  private connect(legId: string, wire: Wire): Peer {
    const peer: Peer = new Peer({
      polite: this.isPolite(legId),
      wire,
      ice: this.ice,
      outgoing: this.outgoing,
      onTrack: (slot, track) => this.options.onTrack(legId, slot, track),
      onState: (state) => {
        const pair = this.pairs.get(legId);
        if (pair?.peer === peer && (state === "disconnected" || state === "failed")) void this.restart(pair);
      },
      onBroken: () => {
        if (this.pairs.get(legId)?.peer === peer) this.anew(legId);
      },
    });
    return peer;
  }

  /** The older leg, by the ids that carry their time, is impolite: it makes the offer, and a newcomer answers. */
  private isPolite(legId: string): boolean {
    return this.options.me > legId;
  }

  private async restart(pair: Pair, now = performance.now()): Promise<void> {
    // Nothing was agreed yet: signalling does what it can, and there is no way to give up.
    if (now < pair.restartAt || this.isClosed || this.isResting || pair.peer.pc.remoteDescription === null) return;
    pair.restartAt = now + (PAUSES_MS[Math.min(pair.tries, PAUSES_MS.length - 1)] ?? 0);
    pair.tries += 1;
    if (pair.wasHeard && pair.tries > TRIES_BEFORE_ANEW && !this.isPolite(pair.legId)) {
      this.anew(pair.legId);
      return;
    }
    const ice = await this.options.freshIce().catch(() => this.ice);
    if (this.pairs.get(pair.legId) === pair) pair.peer.restart(ice);
  }

  /** Give the connection up and make another one; the other side learns it by the numbering. */
  private anew(legId: string): void {
    const pair = this.pairs.get(legId);
    if (pair === undefined) return;
    pair.wire.anew();
    this.options.onEpoch(legId, pair.wire.currentEpoch);
    this.renew(legId);
    if (this.isPolite(legId)) pair.wire.hello();
  }

  private renew(legId: string): void {
    const pair = this.pairs.get(legId);
    if (pair === undefined) return;
    pair.peer.close();
    pair.peer = this.connect(legId, pair.wire);
    pair.last = null;
    pair.wasHeard = false;
  }

  private drop(id: string, { wire, peer }: Pair): void {
    wire.close();
    peer.close();
    this.pairs.delete(id);
  }
}
