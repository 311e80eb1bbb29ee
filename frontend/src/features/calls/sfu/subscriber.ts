/** What this leg receives: one connection for all others, offered again by the server whenever somebody comes or goes. */
import { configuration } from "../media/peer";
import { SLOTS } from "../media/slots";
import type { Slot } from "../media/slots";
import type { IceConfig, Leg } from "../model/shapes";
import { pictured } from "./pictures";
import type { JanusFrame, JanusSocket, Publisher } from "./socket";
import { trickled } from "./trickle";

/** With so many others they stand in a strip of small tiles. */
const STRIP_FROM = 5;
const SMALL = 0;
const LARGE = 2;

interface Carried {
  legId: string;
  slot: Slot;
}

/** A place of somebody, as the server names it. */
interface Offered {
  feed: string;
  mid: string;
}

export interface SubscriberOptions {
  ice: IceConfig;
  onTrack: (legId: string, slot: Slot, track: MediaStreamTrack) => void;
}

export class JanusSubscriber {
  pc: RTCPeerConnection | null = null;
  private handle: number | null = null;
  /** Who publishes, and what stands where. */
  private readonly feeds = new Map<string, Map<Slot, string>>();
  /** By the number of the place in this connection. */
  private carried = new Map<string, Carried>();
  private readonly asked = new Map<string, Offered>();
  private followed: readonly string[] = [];
  private legs: readonly Leg[] = [];
  private large: string | undefined;
  private readonly set = new Map<string, string>();
  private work: Promise<void> = Promise.resolve();
  private isClosed = false;

  constructor(
    private socket: JanusSocket,
    private readonly options: SubscriberOptions,
  ) {}

  /** These publish now, or publish something else. */
  come(publishers: readonly Publisher[]): void {
    for (const { id, streams } of publishers) this.feeds.set(id, placesOf(streams ?? []));
    this.settle();
  }

  gone(feed: string): void {
    this.feeds.delete(feed);
    // The server takes it out of the connection by itself.
    for (const [key, offered] of this.asked) if (offered.feed === feed) this.asked.delete(key);
    this.settle();
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

  /** What the server says of this connection without being asked. */
  take(frame: JanusFrame): void {
    this.enqueue(() => this.accept(frame));
  }

  owns(handle: number | undefined): boolean {
    return handle !== undefined && handle === this.handle;
  }

  /** The session is reached by another socket now: who came meanwhile was not told. */
  reached(socket: JanusSocket): void {
    this.socket = socket;
    const missed = this.followed.filter((id) => !this.feeds.has(id));
    for (const id of missed) this.enqueue(() => this.ask([{ feed: id }]));
  }

  restart(): void {
    const { handle } = this;
    if (handle === null) return;
    this.enqueue(async () => this.accept(await this.socket.say(handle, { request: "configure", restart: true })));
  }

  /** Which leg stands where, for statistics. */
  places(): ReadonlyMap<string, Carried> {
    return this.carried;
  }

  levels(): Map<string, number> {
    const levels = new Map<string, number>();
    for (const { mid, receiver } of this.pc?.getTransceivers() ?? []) {
      const place = this.carried.get(mid ?? "");
      if (place?.slot !== "audio") continue;
      levels.set(place.legId, receiver.getSynchronizationSources()[0]?.audioLevel ?? 0);
    }
    return levels;
  }

  /** Resolves when all that was begun is done with. */
  settled(): Promise<void> {
    return this.work;
  }

  close(): void {
    this.isClosed = true;
    if (this.pc === null) return;
    this.pc.onicecandidate = this.pc.onconnectionstatechange = null;
    this.pc.close();
  }

  private enqueue(work: () => Promise<void>): void {
    // What fails now is asked for again at the next change; a dead line is the socket's matter.
    this.work = this.work.then(() => (this.isClosed ? undefined : work())).catch(() => undefined);
  }

  private settle(): void {
    this.enqueue(() => this.bringAbout());
  }

  /** Ask for what is wanted and not there, give back what is not wanted any more. */
  private async bringAbout(): Promise<void> {
    const wanted = this.wanted();
    const surplus = [...this.asked].filter(([key]) => !wanted.has(key));
    const missing = [...wanted].filter(([key]) => !this.asked.has(key));
    for (const [key] of surplus) this.asked.delete(key);
    if (surplus.length > 0 && this.handle !== null) {
      const streams = surplus.map(([, offered]) => offered);
      await this.accept(await this.socket.say(this.handle, { request: "unsubscribe", streams }));
    }
    if (missing.length > 0) {
      for (const [key, offered] of missing) this.asked.set(key, offered);
      try {
        await this.ask(missing.map(([, offered]) => offered));
      } catch (error) {
        for (const [key] of missing) this.asked.delete(key);
        throw error;
      }
    }
    await this.setSizes();
  }

  private wanted(): Map<string, Offered> {
    const wanted = new Map<string, Offered>();
    for (const feed of this.followed) {
      const isSharing = this.legs.find(({ id }) => id === feed)?.screen_on === true;
      for (const [slot, mid] of this.feeds.get(feed) ?? []) {
        if (slot === "audio" || slot === "camera" || isSharing) wanted.set(`${feed} ${mid}`, { feed, mid });
      }
    }
    return wanted;
  }

  private async ask(streams: readonly (Offered | { feed: string })[]): Promise<void> {
    if (this.handle !== null) {
      await this.accept(await this.socket.say(this.handle, { request: "subscribe", streams }));
      return;
    }
    const handle = await this.socket.attach();
    const joined = await this.socket.say(handle, { request: "join", ptype: "subscriber", streams });
    this.handle = handle;
    await this.accept(joined);
  }

  private async accept({ jsep, plugindata }: JanusFrame): Promise<void> {
    if (this.isClosed || jsep?.type !== "offer" || this.handle === null) return;
    const { handle } = this;
    const pc = (this.pc ??= this.connect(handle));
    const before = this.carried;
    if (plugindata?.data.streams) this.carried = this.read(plugindata.data.streams);
    await pc.setRemoteDescription(jsep);
    await pc.setLocalDescription();
    await this.socket.say(handle, { request: "start" }, { type: "answer", sdp: pc.localDescription?.sdp ?? "" });
    for (const { mid, receiver } of pc.getTransceivers()) {
      const place = this.carried.get(mid ?? "");
      const had = before.get(mid ?? "");
      // Places are used again: what one carries changes without a new track.
      if (place === undefined || (had?.legId === place.legId && had.slot === place.slot)) continue;
      this.set.delete(mid ?? "");
      this.options.onTrack(place.legId, place.slot, receiver.track);
    }
  }

  private read(streams: NonNullable<NonNullable<JanusFrame["plugindata"]>["data"]["streams"]>): Map<string, Carried> {
    const carried = new Map<string, Carried>();
    for (const { mid, active, feed_id: legId, feed_mid: feedMid } of streams) {
      if (active === false || legId === undefined || feedMid === undefined) continue;
      const slot = [...(this.feeds.get(legId) ?? [])].find(([, known]) => known === feedMid)?.[0] ?? SLOTS[Number(feedMid)];
      if (slot !== undefined) carried.set(mid, { legId, slot });
    }
    return carried;
  }

  private connect(handle: number): RTCPeerConnection {
    const pc = new RTCPeerConnection(configuration(this.options.ice));
    trickled(pc, (candidates) => this.socket.trickle(handle, candidates));
    pc.onconnectionstatechange = () => {
      if (pc.connectionState === "failed") this.restart();
    };
    return pc;
  }

  /** Small tiles get the small picture, and who is not seen sends none. */
  private async setSizes(): Promise<void> {
    if (this.handle === null) return;
    const seen = pictured(this.legs, this.large);
    const streams: object[] = [];
    for (const [mid, { legId, slot }] of this.carried) {
      if (slot !== "camera") continue;
      const isSmall = this.followed.length >= STRIP_FROM && legId !== this.large;
      const wish = { mid, send: seen.has(legId), substream: isSmall ? SMALL : LARGE };
      if (this.set.get(mid) === JSON.stringify(wish)) continue;
      this.set.set(mid, JSON.stringify(wish));
      streams.push(wish);
    }
    if (streams.length > 0) await this.socket.say(this.handle, { request: "configure", streams });
  }
}

/** Ours say what stands where; of others it is taken from the order. */
function placesOf(streams: NonNullable<Publisher["streams"]>): Map<Slot, string> {
  const places = new Map<Slot, string>();
  for (const { mid, type, description, disabled } of streams) {
    if (disabled === true) continue;
    const said = SLOTS.find((slot) => slot === description);
    const slot = said ?? (type === "audio" ? "audio" : type === "video" ? "camera" : undefined);
    if (slot !== undefined && !places.has(slot)) places.set(slot, mid);
  }
  return places;
}
