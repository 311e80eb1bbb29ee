/**
 * All that is heard and seen in a call, whatever way it goes. When the way changes, the old one stays until the new one is
 * heard, for each leg by itself.
 */
import { effect, signal } from "@preact/signals";

import { limit } from "@/lib/config";

import type { CallShape, IceConfig, Leg, MediaPass, Report, SignalFrame } from "../model/shapes";
import { present } from "../model/shapes";
import { chosenSpeaker } from "./choices";
import type { LocalMedia } from "./local";
import { Mesh } from "./mesh";
import { RemoteLeg } from "./remote";
import type { Slot } from "./slots";
import { bars } from "./stats";
import type { Quality, Route } from "./stats";
import { Through } from "./through";
import type { LoadDriver } from "./through";
import { CARRIES_MS } from "./way";
import type { Heard, Way } from "./way";

const LOOK_MS = 1_000;
/** While the call changes its way: silence would be heard. */
const MOVE_LOOK_MS = 100;
/** After so long nothing comes from a leg any more. */
const SILENT_MS = 3_000;
const LEVEL_MS = 200;
const SPEAKING = 0.1;
const NO_MEDIA_MS = 10_000;
/** Fresh credentials before the old ones end. */
const REFRESH_AT = 0.8;
/** What is left of an old way, once the first leg is heard on the new one. */
const OLD_WAY_MS = 15_000;

export interface PlaneOptions {
  callId: string;
  me: string;
  userId: string;
  epochOf: (legId: string) => number;
  ice: IceConfig;
  local: LocalMedia;
  freshIce: () => Promise<IceConfig>;
  pass: () => Promise<MediaPass>;
  loadDriver?: LoadDriver;
  tell: (type: string, payload: SignalFrame) => void;
  onEpoch: (legId: string, epoch: number) => void;
  /** Nothing comes from somebody for too long. */
  onNoMedia: () => void;
  /** From somebody more media comes than before, or none any more. */
  onHeard: () => void;
}

export class Plane {
  readonly legs = signal<ReadonlyMap<string, RemoteLeg>>(new Map());
  /** The most that the call's sound and pictures pass through: for the shield. */
  readonly route = signal<Route | null>(null);

  /** The call goes through a media server that cannot be reached; what was heard before is heard on. */
  readonly isServerAway = signal(false);

  /** The newest one. */
  private way: Way;
  /** Earlier ones, for as long as something is heard on them alone. */
  private olds: Way[] = [];
  private oldTimer: ReturnType<typeof setTimeout> | undefined;
  private moveTimer: ReturnType<typeof setInterval> | undefined;
  private ice: IceConfig;
  private refreshTimer: ReturnType<typeof setTimeout> | undefined;
  private readonly lookTimer: ReturnType<typeof setInterval>;
  private readonly levelTimer: ReturnType<typeof setInterval>;
  private readonly endings: (() => void)[] = [];
  private large: string | undefined;
  private shown: Leg[] = [];
  /** On the newest way. */
  private heardFrom = new Set<string>();
  private readonly heardOnNew = new Set<string>();
  private last = new Map<string, Heard>();
  private complainedAt = 0;
  private isLooking = false;
  /** By leg, on the newest way. */
  private readonly arrived = new Map<string, Map<Slot, MediaStreamTrack>>();

  constructor(private readonly options: PlaneOptions, call: Pick<CallShape, "generation" | "transport">) {
    this.ice = options.ice;
    this.way = this.newWay(call);
    this.scheduleRefresh();
    this.lookTimer = setInterval(() => void this.look(), LOOK_MS);
    this.levelTimer = setInterval(() => this.listen(), LEVEL_MS);
    this.endings.push(
      effect(() => {
        const outgoing = options.local.outgoing.value;
        for (const way of this.ways()) way.send(outgoing);
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
    // More people are more than their lines carry the pictures of.
    local.mayShow.value = call.transport === "sfu" || others.length < limit("max_mesh_video");
    if (call.generation > this.way.generation) this.move(call);
    this.keepLegs(ids);
    for (const way of this.ways()) way.follow(ids);
    this.shown = others.map(({ leg }) => leg);
    this.tellShown();
    this.leaveOldWhenAllSwitched();
  }

  take(type: string, frame: SignalFrame): void {
    this.ways().find(({ generation }) => generation === frame.generation)?.take(type, frame);
  }

  retry(): void {
    this.way.retry();
  }

  wake(): void {
    this.way.wake();
  }

  get generation(): number {
    return this.way.generation;
  }

  /** On which way who is heard: the newest one counts once it carries something. */
  arrives(): { generation: number; media_from: string[] } {
    const old = this.heardOnNew.size === 0 ? this.olds.at(-1) : undefined;
    if (old !== undefined) return { generation: old.generation, media_from: [] };
    return { generation: this.way.generation, media_from: [...this.heardFrom] };
  }

  /** Who is heard on the newest way. */
  hears(): string[] {
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
    return this.way.connections();
  }

  close(): void {
    clearInterval(this.lookTimer);
    clearInterval(this.levelTimer);
    clearTimeout(this.refreshTimer);
    clearTimeout(this.oldTimer);
    clearInterval(this.moveTimer);
    for (const end of this.endings) end();
    for (const way of this.ways()) way.close();
    for (const leg of this.legs.value.values()) leg.close();
    this.legs.value = new Map();
  }

  private ways(): Way[] {
    return [this.way, ...this.olds];
  }

  private newWay({ generation, transport }: Pick<CallShape, "generation" | "transport">): Way {
    const { callId, me, epochOf, local, tell, onEpoch, pass, loadDriver } = this.options;
    const onTrack = (legId: string, slot: Slot, track: MediaStreamTrack) => this.received(way, legId, slot, track);
    const shared = { generation, ice: this.ice, outgoing: local.outgoing.peek(), onTrack };
    const way: Way =
      transport === "sfu"
        ? new Through({
            ...shared,
            pass,
            onReach: (reaches) => {
              if (way === this.way) this.isServerAway.value = !reaches;
            },
            ...(loadDriver && { load: loadDriver }),
          })
        : new Mesh({ ...shared, callId, me, epochOf, freshIce: () => this.freshIce(), tell, onEpoch });
    return way;
  }

  /** While an old way is still heard, what comes on the new one waits until it is heard as well. */
  private received(way: Way, legId: string, slot: Slot, track: MediaStreamTrack): void {
    if (way !== this.way) return;
    const tracks = this.arrived.get(legId) ?? new Map<Slot, MediaStreamTrack>();
    this.arrived.set(legId, tracks.set(slot, track));
    if (this.olds.length === 0 || this.heardOnNew.has(legId)) this.legs.value.get(legId)?.receive(slot, track);
    // The first sound is told to the server at once: from then on it counts as a call.
    if (slot === "audio") track.addEventListener("unmute", () => void this.look(), { once: true });
  }

  /** The new way is made before an old one is broken. */
  private move(call: CallShape): void {
    // A way that never carried anything is not kept beside one that does.
    if (this.olds.length > 0 && this.heardOnNew.size === 0) this.way.close();
    else this.olds = [this.way, ...this.olds];
    for (const old of this.olds) old.rest();
    clearTimeout(this.oldTimer);
    this.oldTimer = undefined;
    this.heardOnNew.clear();
    this.heardFrom.clear();
    this.arrived.clear();
    this.isServerAway.value = false;
    this.way = this.newWay(call);
    this.moveTimer ??= setInterval(() => void this.look(), MOVE_LOOK_MS);
  }

  private switched(legId: string): void {
    if (this.olds.length === 0 || this.heardOnNew.has(legId)) return;
    this.heardOnNew.add(legId);
    for (const [slot, track] of this.arrived.get(legId) ?? []) this.legs.value.get(legId)?.receive(slot, track);
    this.oldTimer ??= setTimeout(() => this.leaveOld(), OLD_WAY_MS);
    this.leaveOldWhenAllSwitched();
  }

  private leaveOldWhenAllSwitched(): void {
    if (this.heardOnNew.size > 0 && [...this.legs.value.keys()].every((id) => this.heardOnNew.has(id))) this.leaveOld();
  }

  private leaveOld(): void {
    clearTimeout(this.oldTimer);
    clearInterval(this.moveTimer);
    this.oldTimer = this.moveTimer = undefined;
    for (const old of this.olds.splice(0)) old.close();
    // Who was not heard on the new way yet: it is the only one now.
    for (const [legId, tracks] of this.arrived) {
      if (this.heardOnNew.has(legId)) continue;
      for (const [slot, track] of tracks) this.legs.value.get(legId)?.receive(slot, track);
    }
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
    const { way } = this;
    const [seen, ...before] = await Promise.all(this.ways().map((one) => one.look())).finally(() => (this.isLooking = false));
    if (seen === undefined || way !== this.way) return;
    const count = this.heardFrom.size;
    for (const [id, heard] of seen) this.heardNew(id, heard);
    // Also of whom the way itself knows nothing any more: a device that is said to be heard is kept in its call.
    for (const id of this.heardFrom) if (this.way.silence(id) >= SILENT_MS) this.heardFrom.delete(id);
    for (const id of this.legs.value.keys()) this.note(id, this.carrying(id, [seen, ...before]));
    if (this.heardFrom.size !== count) this.options.onHeard();
    this.route.value = worst([...this.legs.value.values()].map(({ route }) => route.value));
    const now = performance.now();
    const isCut = [...this.legs.value.keys()].some((id) => this.way.silence(id, now) >= NO_MEDIA_MS);
    if (!isCut || now - this.complainedAt < NO_MEDIA_MS) return;
    this.complainedAt = now;
    this.options.onNoMedia();
  }

  private listen(): void {
    let loudest = SPEAKING;
    let large = this.large;
    const levels = [...this.olds.map((old) => old.levels()), this.way.levels()];
    for (const leg of this.legs.value.values()) {
      leg.level.value = Math.max(0, ...levels.map((level) => level.get(leg.id) ?? 0));
      if (leg.level.value <= loudest) continue;
      loudest = leg.level.value;
      large = leg.id;
    }
    if (large === this.large) return;
    this.large = large;
    this.tellShown();
  }

  /** Whoever spoke last stands large, and before anybody has spoken the first one: as the screen has it. */
  private tellShown(): void {
    const large = this.shown.find(({ id }) => id === this.large) ?? this.shown[0];
    this.way.show?.(this.shown, large?.id);
  }

  /** How a leg is heard: on the newest way, or while nothing comes there, on an earlier one. */
  private carrying(id: string, looks: readonly Map<string, Heard>[]): Heard | undefined {
    const [newest] = looks;
    if (this.olds.length === 0 || this.heardOnNew.has(id)) return newest?.get(id);
    return looks.map((look) => look.get(id)).find((heard) => heard?.hears === true) ?? newest?.get(id);
  }

  private heardNew(id: string, { hears, tally }: Heard): void {
    if (!this.legs.value.has(id)) return;
    const carries = this.olds.length === 0 || this.heardOnNew.has(id) || tally.audioMs >= CARRIES_MS;
    if (hears && carries) {
      this.heardFrom.add(id);
      this.switched(id);
    }
  }

  private note(id: string, heard: Heard | undefined): void {
    const leg = this.legs.value.get(id);
    if (leg === undefined || heard === undefined) return;
    this.last.set(id, heard);
    leg.isHeard.value = heard.hears || (this.moveTimer !== undefined && leg.isHeard.value);
    leg.bars.value = heard.hears ? bars(heard.quality) : 0;
    leg.route.value = heard.tally.route;
  }

  private async freshIce(): Promise<IceConfig> {
    this.ice = await this.options.freshIce();
    this.scheduleRefresh();
    return this.ice;
  }

  private scheduleRefresh(): void {
    clearTimeout(this.refreshTimer);
    if (this.ice.ttl <= 0) return;
    const refresh = () => void this.freshIce().then((ice) => this.way.refresh(ice), () => this.scheduleRefresh());
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
