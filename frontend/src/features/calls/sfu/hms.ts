/**
 * A call through 100ms, a vendor. Its SDK does the signalling and keeps the connections; it comes with this file, which is
 * fetched when the server says that a call goes there. Devices, players and figures stay ours.
 *
 * The SDK is asked for no microphone and no camera, and what it would play is muted: a voice must not be heard twice, nor by
 * another speaker than the chosen one. Nobody's name goes there; the vendor knows a leg by its id, which is in the token.
 */
import { HMSNotificationTypes, HMSReactiveStore, selectRemotePeers, selectTracksMap } from "@100mslive/hms-video-store";
import type { HMSException, HMSPeer, HMSStats, HMSTrack } from "@100mslive/hms-video-store";

import { SLOTS, KIND_OF } from "../media/slots";
import type { Outgoing, Slot } from "../media/slots";
import type { Tally } from "../media/stats";
import type { Leg, MediaPass } from "../model/shapes";
import type { DriverOptions, SfuDriver } from "./driver";
import { HmsOutgoing, SOURCE_OF } from "./hmsOutgoing";
import { mutedSink } from "./mutedSink";
import type { MutedSink } from "./mutedSink";
import { pictured } from "./pictures";
import { sumsByLeg } from "./sums";

export function drive(options: DriverOptions): SfuDriver {
  return new HmsDriver(options);
}

/** What the SDK calls its figures knows its connections as well. */
type Connections = Pick<HMSStats, "getPublishPeerConnection" | "getSubscribePeerConnection">;

/** A track of somebody, as it was handed on. */
interface Carried {
  legId: string;
  slot: Slot;
  track: MediaStreamTrack | null;
  /** Its picture is asked for by attaching it to something that could show it. */
  shownBy: HTMLVideoElement | null;
}

class HmsDriver implements SfuDriver {
  private readonly hms = new HMSReactiveStore();
  private readonly actions = this.hms.getActions();
  private readonly store = this.hms.getStore();
  private readonly carried = new Map<string, Carried>();
  private readonly endings: (() => void)[] = [];
  private sink: MutedSink | null = null;
  private up: HmsOutgoing | null = null;
  private down: RTCPeerConnection | undefined;
  private outgoing: Outgoing;
  private followed: readonly string[] = [];
  private legs: readonly Leg[] = [];
  private large: string | undefined;
  private isIn = false;
  private isOver = false;

  constructor(private readonly options: DriverOptions) {
    this.outgoing = options.outgoing;
  }

  async join({ token }: MediaPass): Promise<void> {
    try {
      if (token === null) throw new Error("The pass has no token.");
      this.sink = mutedSink();
      this.endings.push(this.hms.getNotifications().onNotification(({ type, data }) => this.hear(type, data)));
      await this.actions.join({
        authToken: token,
        userName: "-",
        // Nothing is taken from the devices: these stand for a microphone and a camera that are off.
        settings: { isAudioMuted: true, isVideoMuted: true },
        audioSinkElementId: this.sink.id,
      });
      if (this.isOver) throw new Error("Left meanwhile.");
      await this.reached();
      this.endings.push(
        this.store.subscribe(() => this.settle(), selectRemotePeers),
        this.store.subscribe(() => this.settle(), selectTracksMap),
      );
      this.isIn = true;
      this.settle();
    } catch (error) {
      this.leave();
      throw error;
    }
  }

  send(outgoing: Outgoing): void {
    this.outgoing = outgoing;
    this.up?.send(outgoing);
  }

  follow(legIds: readonly string[]): void {
    this.followed = legIds;
    this.settle();
  }

  show(legs: readonly Leg[], large: string | undefined): void {
    this.legs = legs;
    this.large = large;
    this.settle();
  }

  /** The SDK watches the network itself, and has the vendor's own relays. */
  wake(): void {
    this.settle();
  }

  refresh(): void {
    return;
  }

  stats(now: number): Promise<Map<string, Tally>> {
    this.settle();
    return sumsByLeg({ down: this.down, up: this.up?.pc }, this.places(), now);
  }

  levels(): Map<string, number> {
    const levels = new Map<string, number>();
    for (const [mid, { legId, slot }] of this.places()) {
      const receiver = this.down?.getTransceivers().find((one) => one.mid === mid)?.receiver;
      if (slot === "audio") levels.set(legId, receiver?.getSynchronizationSources()[0]?.audioLevel ?? 0);
    }
    return levels;
  }

  connections(): RTCPeerConnection[] {
    return [this.up?.pc, this.down].filter((pc) => pc !== undefined);
  }

  leave(): void {
    if (this.isOver) return;
    this.isOver = true;
    for (const end of this.endings.splice(0)) end();
    this.up?.close();
    for (const [id, carried] of this.carried) this.drop(id, carried);
    // It takes its leave of the vendor by itself, and stops what it was given.
    void this.actions.leave().catch(() => undefined);
    this.sink?.remove();
  }

  /** The connections there are now: after a break the SDK may have made others. */
  private async reached(): Promise<void> {
    const stats = this.hms.getStats() as unknown as Connections;
    const [up, down] = await Promise.all([stats.getPublishPeerConnection(), stats.getSubscribePeerConnection()]);
    this.down = down;
    if (up === undefined) throw new Error("There is no connection to send by.");
    if (this.up?.pc === up) return;
    this.up?.close();
    this.up = new HmsOutgoing(this.actions, up, this.outgoing);
    await this.up.publish();
  }

  private hear(type: HMSNotificationTypes, data: unknown): void {
    if (this.isOver) return;
    const isEnd = type === HMSNotificationTypes.ROOM_ENDED || type === HMSNotificationTypes.REMOVED_FROM_ROOM;
    if (isEnd || (type === HMSNotificationTypes.ERROR && (data as HMSException).isTerminal)) this.gone();
    else if (type === HMSNotificationTypes.RECONNECTED && this.isIn) void this.reached().catch(() => this.gone());
  }

  private gone(): void {
    const wasIn = this.isIn;
    this.leave();
    // Whoever waits for being let in is told by that.
    if (wasIn) this.options.onGone();
  }

  /** Hand on what is there and wanted, and give back what is not. */
  private settle(): void {
    if (!this.isIn || this.isOver) return;
    const tracks = this.store.getState(selectTracksMap);
    const wanted = new Map<string, Pick<Carried, "legId" | "slot">>();
    for (const peer of this.store.getState(selectRemotePeers)) {
      for (const track of this.wantedOf(peer, tracks)) wanted.set(track.id, track);
    }
    for (const [id, carried] of this.carried) if (!wanted.has(id)) this.drop(id, carried);
    for (const [id, { legId, slot }] of wanted) this.carry(id, legId, slot);
  }

  private *wantedOf(peer: HMSPeer, tracks: Record<string, HMSTrack>): Generator<{ id: string; legId: string; slot: Slot }> {
    const legId = peer.customerUserId;
    if (legId === undefined || !this.followed.includes(legId)) return;
    const isSharing = this.legs.find(({ id }) => id === legId)?.screen_on === true;
    const isSeen = pictured(this.legs, this.large).has(legId);
    for (const id of peer.auxiliaryTracks) {
      const track = tracks[id];
      const slot = SLOTS.find((one) => track?.type === KIND_OF[one] && track.source === SOURCE_OF[one]);
      if (slot === "audio" || (slot === "camera" && isSeen) || (slot !== "camera" && isSharing)) {
        if (slot !== undefined) yield { id, legId, slot };
      }
    }
  }

  private carry(id: string, legId: string, slot: Slot): void {
    const carried = this.carried.get(id) ?? { legId, slot, track: null, shownBy: null };
    this.carried.set(id, carried);
    if (KIND_OF[slot] === "video" && carried.shownBy === null) {
      carried.shownBy = document.createElement("video");
      void this.actions.attachVideo(id, carried.shownBy).catch(() => undefined);
    }
    // What is brought only when it is asked for comes later, in another track.
    const track = this.actions.getNativeTrackById(id) ?? null;
    if (track === null || track === carried.track) return;
    carried.track = track;
    this.options.onTrack(legId, slot, track);
  }

  private drop(id: string, { shownBy }: Carried): void {
    this.carried.delete(id);
    if (shownBy !== null) void this.actions.detachVideo(id, shownBy).catch(() => undefined);
  }

  /** By the number of the place in the connection that brings the others. */
  private places(): Map<string, Carried> {
    const places = new Map<string, Carried>();
    const all = [...this.carried.values()];
    for (const { mid, receiver } of this.down?.getTransceivers() ?? []) {
      const carried = all.find(({ track }) => track === receiver.track);
      if (mid !== null && carried !== undefined) places.set(mid, carried);
    }
    return places;
  }
}
