/** One way that sound and pictures take: from device to device, or through a media server. */
import type { IceConfig, Leg, SignalFrame } from "../model/shapes";
import type { Outgoing } from "./slots";
import type { Quality, Tally } from "./stats";

/** Decoded sound that lasts so long is a way that carries: one packet may be chance. */
export const CARRIES_MS = 200;

/** How one other leg arrives. */
export interface Heard {
  quality: Quality;
  tally: Tally;
  hears: boolean;
}

export interface Way {
  readonly generation: number;
  follow(legIds: readonly string[]): void;
  /** What the others show, and which of them stands large. */
  show?(legs: readonly Leg[], large: string | undefined): void;
  send(outgoing: Outgoing): void;
  take(type: string, frame: SignalFrame): void;
  retry(): void;
  wake(): void;
  /** Another way is being made: what flows here flows on, and what does not is not looked for any more. */
  rest(): void;
  refresh(ice: IceConfig): void;
  look(now?: number): Promise<Map<string, Heard>>;
  /** For how long nothing came from a leg, in milliseconds; 0 for one that is not there. */
  silence(legId: string, now?: number): number;
  levels(): Map<string, number>;
  connections(): Map<string, RTCPeerConnection>;
  close(): void;
}
