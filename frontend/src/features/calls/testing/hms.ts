/** The vendor's SDK as far as our driver speaks to it, and the room behind it. Tests only. */
import { FakeConnection } from "./rtc";

export interface FakePeer {
  id: string;
  customerUserId?: string;
  auxiliaryTracks: string[];
}

interface FakeTrack {
  id: string;
  type: "audio" | "video";
  source: string;
}

interface State {
  peers: FakePeer[];
  tracks: Record<string, FakeTrack>;
}

export const selectRemotePeers = (state: State) => state.peers;
export const selectTracksMap = (state: State) => state.tracks;
export const HMSNotificationTypes = {
  ERROR: "ERROR",
  ROOM_ENDED: "ROOM_ENDED",
  REMOVED_FROM_ROOM: "REMOVED_FROM_ROOM",
  RECONNECTED: "RECONNECTED",
};

export class HMSReactiveStore {
  static all: HMSReactiveStore[] = [];
  static refuses: Error | null = null;
  /** The server takes nothing more. */
  static isFull = false;
  readonly joined: Record<string, unknown>[] = [];
  readonly added: { source: string; track: MediaStreamTrack }[] = [];
  readonly attached = new Set<string>();
  readonly natives = new Map<string, MediaStreamTrack>();
  up = new FakeConnection({});
  down = new FakeConnection({});
  hasLeft = false;
  private state: State = { peers: [], tracks: {} };
  private readonly subscribers = new Set<() => void>();
  private listener: ((said: object) => void) | null = null;

  constructor() {
    HMSReactiveStore.all.push(this);
  }

  getActions() {
    return {
      join: (config: Record<string, unknown>) => {
        this.joined.push(config);
        return HMSReactiveStore.refuses ? Promise.reject(HMSReactiveStore.refuses) : Promise.resolve();
      },
      addTrack: (track: MediaStreamTrack, source: string) => {
        this.added.push({ track, source });
        if (!HMSReactiveStore.isFull) this.up.addTransceiver(track);
        return Promise.resolve();
      },
      attachVideo: (id: string) => Promise.resolve(void this.attached.add(id)),
      detachVideo: (id: string) => Promise.resolve(void this.attached.delete(id)),
      getNativeTrackById: (id: string) => this.natives.get(id),
      leave: () => Promise.resolve(void (this.hasLeft = true)),
    };
  }

  getStore() {
    return {
      getState: <T>(select: (state: State) => T) => select(this.state),
      subscribe: (look: () => void) => {
        this.subscribers.add(look);
        return () => this.subscribers.delete(look);
      },
    };
  }

  getNotifications() {
    return {
      onNotification: (listen: (said: object) => void) => {
        this.listener = listen;
        return () => (this.listener = null);
      },
    };
  }

  getStats() {
    return {
      getPublishPeerConnection: () => Promise.resolve(this.up),
      getSubscribePeerConnection: () => Promise.resolve(this.down),
    };
  }

  says(type: string, data: object = {}): void {
    this.listener?.({ type, data });
  }

  /** Somebody is there and sends these places. */
  comes(legId: string, ...places: string[]): void {
    const tracks = places.map((place) => {
      const [type = "audio", source = "plugin"] = place.split("/");
      const id = `${legId} ${place}`;
      const transceiver = this.down.addTransceiver("remote");
      transceiver.mid = String(this.down.getTransceivers().length - 1);
      this.natives.set(id, transceiver.receiver.track as unknown as MediaStreamTrack);
      return { id, type: type as "audio" | "video", source };
    });
    this.state = {
      peers: [...this.state.peers, { id: `peer ${legId}`, customerUserId: legId, auxiliaryTracks: tracks.map(({ id }) => id) }],
      tracks: { ...this.state.tracks, ...Object.fromEntries(tracks.map((track) => [track.id, track])) },
    };
    for (const look of this.subscribers) look();
  }

  goes(legId: string): void {
    this.state = { ...this.state, peers: this.state.peers.filter(({ customerUserId }) => customerUserId !== legId) };
    for (const look of this.subscribers) look();
  }

  /** What its players in the page are. */
  plays(id: string): HTMLAudioElement {
    const player = document.createElement("audio");
    player.id = id;
    document.getElementById(String(this.joined.at(-1)?.audioSinkElementId))?.append(player);
    return player;
  }
}
