/**
 * All that is heard and seen in a call, whatever way it goes. When the way changes, the old one stays until the new one is
 * heard, for each leg by itself.
 */
import { effect, signal } from "@preact/signals";

import type { CallShape, IceConfig, Report, SignalFrame } from "../model/shapes";
import { present } from "../model/shapes";
import { chosenSpeaker } from "./choices";
import type { LocalMedia } from "./local";
import { Mesh } from "./mesh";
import type { Heard } from "./mesh";
import { RemoteLeg } from "./remote";
import { MOST_WITH_VIDEO } from "./slots";
import type { Slot } from "./slots";
import { bars } from "./stats";
import type { Quality, Route } from "./stats";

const LOOK_MS = 1_000;
const LEVEL_MS = 200;
const NO_MEDIA_MS = 10_000;
/** Fresh credentials before the old ones end. */
const REFRESH_AT = 0.8;
/** What is left of an old way, once the first leg is heard on the new one. */
const OLD_WAY_MS = 15_000;

export interface PlaneOptions {
  callId: string;
  me: string;
  userId: string;
  epoch: number;
  ice: IceConfig;
  local: LocalMedia;
  freshIce: () => Promise<IceConfig>;
  tell: (type: string, payload: SignalFrame) => void;
  onEpoch: (epoch: number) => void;
  /** Nothing comes from somebody for too long. */
  onNoMedia: () => void;
  onHeard: () => void;
}

export class Plane {
  readonly legs = signal<ReadonlyMap<string, RemoteLeg>>(new Map());
  /** The most that the call's sound and pictures pass through: for the shield. */
  readonly route = signal<Route | null>(null);

  private mesh: Mesh;
  private old: Mesh | null = null;
  private oldTimer: ReturnType<typeof setTimeout> | undefined;
  private ice: IceConfig;
  private refreshTimer: ReturnType<typeof setTimeout> | undefined;
  private readonly lookTimer: ReturnType<typeof setInterval>;
  private readonly levelTimer: ReturnType<typeof setInterval>;
  private readonly endings: (() => void)[] = [];
  private heardFrom = new Set<string>();
  private readonly heardOnNew = new Set<string>();
  private last = new Map<string, Heard>();
  private complainedAt = 0;
  private isLooking = false;
  /** By leg, on the newest way. */
  private readonly arrived = new Map<string, Map<Slot, MediaStreamTrack>>();

  constructor(private readonly options: PlaneOptions, generation: number) {
    this.ice = options.ice;
    this.mesh = this.newMesh(generation);
    this.scheduleRefresh();
    this.lookTimer = setInterval(() => void this.look(), LOOK_MS);
    this.levelTimer = setInterval(() => this.listen(), LEVEL_MS);
    this.endings.push(
      effect(() => {
        const outgoing = options.local.outgoing.value;
        this.mesh.send(outgoing);
        this.old?.send(outgoing);
      }),
      effect(() => {
        const speaker = chosenSpeaker.value;
        for (const leg of this.legs.peek().values()) void leg.direct(speaker);
      }),
      this.followNetwork(),
    );
  }

  /** The call as the server has it now. */
  follow(call: CallShape): void {
    const others = present(call).filter(({ user }) => user.id !== this.options.userId);
    const ids = call.status === "ringing" || call.status === "ended" ? [] : others.map(({ leg }) => leg.id);
    const { local } = this.options;
    local.mayShow.value = call.transport === "sfu" || others.length < MOST_WITH_VIDEO;
    // A way through a media server is not walked by this client yet: what is heard directly goes on.
    if (call.generation > this.mesh.generation && call.transport === "p2p") this.move(call.generation);
    this.keepLegs(ids);
    this.mesh.follow(ids);
    this.old?.follow(ids);
  }

  take(type: string, frame: SignalFrame): void {
    const mesh = frame.generation === this.old?.generation ? this.old : this.mesh;
    mesh.take(type, frame);
  }

  retry(): void {
    this.mesh.retry();
  }

  wake(): void {
    this.mesh.wake();
  }

  get generation(): number {
    return this.mesh.generation;
  }

  /** Legs of which something was heard since the last look. */
  mediaFrom(): string[] {
    return [...this.heardFrom];
  }

  /** The worst of all: that is what is complained of. */
  report(): Report | null {
    const all = [...this.last.values()].map(({ quality }) => quality);
    if (all.length === 0) return null;
    const most = (pick: (quality: Quality) => number) => Math.max(...all.map(pick));
    const sum = (pick: (quality: Quality) => number) => Math.round(all.reduce((total, quality) => total + pick(quality), 0));
    return {
      rtt_ms: most(({ rttMs }) => rttMs),
      loss_pct: most(({ lossPct }) => lossPct),
      jitter_ms: most(({ jitterMs }) => jitterMs),
      kbps_in: sum(({ kbpsIn }) => kbpsIn),
      kbps_out: sum(({ kbpsOut }) => kbpsOut),
      route: this.route.value ?? "host",
      frozen_ms: most(({ frozenMs }) => frozenMs),
    };
  }

  /** From a press, where the browser plays nothing without one. */
  playAll(): void {
    for (const leg of this.legs.value.values()) leg.play();
  }

  connections(): Map<string, RTCPeerConnection> {
    return this.mesh.connections();
  }

  close(): void {
    clearInterval(this.lookTimer);
    clearInterval(this.levelTimer);
    clearTimeout(this.refreshTimer);
    clearTimeout(this.oldTimer);
    for (const end of this.endings) end();
    this.mesh.close();
    this.old?.close();
    for (const leg of this.legs.value.values()) leg.close();
    this.legs.value = new Map();
  }

  private newMesh(generation: number): Mesh {
    const { callId, me, epoch, local, tell, onEpoch } = this.options;
    const mesh: Mesh = new Mesh({
      callId,
      me,
      generation,
      epoch,
      ice: this.ice,
      outgoing: local.outgoing.peek(),
      freshIce: () => this.freshIce(),
      tell,
      onEpoch,
      onTrack: (legId, slot, track) => this.received(mesh, legId, slot, track),
    });
    return mesh;
  }

  /** While an old way is still heard, what comes on the new one waits until it is heard as well. */
  private received(mesh: Mesh, legId: string, slot: Slot, track: MediaStreamTrack): void {
    if (mesh !== this.mesh) return;
    const tracks = this.arrived.get(legId) ?? new Map<Slot, MediaStreamTrack>();
    this.arrived.set(legId, tracks.set(slot, track));
    if (this.old === null || this.heardOnNew.has(legId)) this.legs.value.get(legId)?.receive(slot, track);
    // The first sound is told to the server at once: from then on it counts as a call.
    if (slot === "audio") track.addEventListener("unmute", () => void this.look(), { once: true });
  }

  private move(generation: number): void {
    this.old?.close();
    this.old = this.mesh;
    this.heardOnNew.clear();
    this.arrived.clear();
    this.mesh = this.newMesh(generation);
  }

  private switched(legId: string): void {
    if (this.old === null || this.heardOnNew.has(legId)) return;
    this.heardOnNew.add(legId);
    for (const [slot, track] of this.arrived.get(legId) ?? []) this.legs.value.get(legId)?.receive(slot, track);
    this.oldTimer ??= setTimeout(() => this.leaveOld(), OLD_WAY_MS);
    if ([...this.legs.value.keys()].every((id) => this.heardOnNew.has(id))) this.leaveOld();
  }

  private leaveOld(): void {
    clearTimeout(this.oldTimer);
    this.oldTimer = undefined;
    this.old?.close();
    this.old = null;
  }

  private keepLegs(ids: readonly string[]): void {
    const before = this.legs.value;
    if (before.size === ids.length && ids.every((id) => before.has(id))) return;
    for (const [id, leg] of before) {
      if (ids.includes(id)) continue;
      leg.close();
      this.heardFrom.delete(id);
      this.last.delete(id);
    }
    this.legs.value = new Map(ids.map((id) => [id, before.get(id) ?? new RemoteLeg(id)]));
  }

  private async look(): Promise<void> {
    // Statistics of a busy machine may take longer than the pause between two looks.
    if (this.isLooking) return;
    this.isLooking = true;
    const seen = await this.mesh.look().finally(() => (this.isLooking = false));
    const before = this.heardFrom.size;
    for (const [id, heard] of seen) this.heard(id, heard);
    if (this.heardFrom.size > before) this.options.onHeard();
    this.route.value = worst([...seen.values()].map(({ tally }) => tally.route));
    const now = performance.now();
    const isCut = [...this.legs.value.keys()].some((id) => this.mesh.silence(id, now) >= NO_MEDIA_MS);
    if (!isCut || now - this.complainedAt < NO_MEDIA_MS) return;
    this.complainedAt = now;
    this.options.onNoMedia();
  }

  private listen(): void {
    for (const [id, level] of this.mesh.levels()) {
      const leg = this.legs.value.get(id);
      if (leg) leg.level.value = level;
    }
  }

  private heard(id: string, heard: Heard): void {
    this.last.set(id, heard);
    const leg = this.legs.value.get(id);
    if (leg === undefined) return;
    leg.isHeard.value = heard.hears;
    leg.bars.value = heard.hears ? bars(heard.quality) : 0;
    leg.route.value = heard.tally.route;
    if (heard.hears) {
      this.heardFrom.add(id);
      this.switched(id);
    } else if (this.mesh.silence(id) >= LOOK_MS * 3) this.heardFrom.delete(id);
  }

  private async freshIce(): Promise<IceConfig> {
    this.ice = await this.options.freshIce();
    this.scheduleRefresh();
    return this.ice;
  }

  private scheduleRefresh(): void {
    clearTimeout(this.refreshTimer);
    if (this.ice.ttl <= 0) return;
    const refresh = () => void this.freshIce().then((ice) => this.mesh.refresh(ice), () => this.scheduleRefresh());
    this.refreshTimer = setTimeout(refresh, this.ice.ttl * REFRESH_AT * 1000);
  }

  private followNetwork(): () => void {
    const end = new AbortController();
    const wake = () => this.wake();
    window.addEventListener("online", wake, { signal: end.signal });
    const { connection } = navigator as { connection?: EventTarget };
    connection?.addEventListener("change", wake, { signal: end.signal });
    return () => end.abort();
  }
}

const ORDER: readonly (Route | null)[] = [null, "host", "srflx", "relay", "sfu"];

function worst(routes: readonly (Route | null)[]): Route | null {
  return routes.reduce<Route | null>((most, route) => (ORDER.indexOf(route) > ORDER.indexOf(most) ? route : most), null);
}
