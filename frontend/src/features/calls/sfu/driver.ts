/** What every media server's client side does; each comes in a file of its own when a call goes there. */
import type { IceConfig, Leg, MediaPass } from "../model/shapes";
import type { Outgoing, Slot } from "../media/slots";
import type { Tally } from "../media/stats";

export interface DriverOptions {
  ice: IceConfig;
  outgoing: Outgoing;
  /** Another pass: each is good once. */
  freshPass: () => Promise<MediaPass>;
  onTrack: (legId: string, slot: Slot, track: MediaStreamTrack) => void;
  /** There is no way back into this session; a new one may be begun. */
  onGone: () => void;
}

export interface SfuDriver {
  /** Resolves when what is sent was agreed with the server; rejects when it is not let in. */
  join(pass: MediaPass): Promise<void>;
  send(outgoing: Outgoing): void;
  follow(legIds: readonly string[]): void;
  show(legs: readonly Leg[], large: string | undefined): void;
  wake(): void;
  refresh(ice: IceConfig): void;
  /** Sums by leg, since its connection was made. */
  stats(now: number): Promise<Map<string, Tally>>;
  levels(): Map<string, number>;
  connections(): RTCPeerConnection[];
  leave(): void;
}
