/** What a socket tells its owner. */
import type { ReadonlySignal } from "@preact/signals";

import type { EndReason } from "./closes";
import type { DurableFrame, Frame } from "./frames";
import type { Positions } from "./positions";

export type SocketState =
  | { state: "connecting" | "catching-up" | "live" }
  | { state: "offline"; retryAt: number | null }
  | { state: "ended"; reason: EndReason };

/** What others than its owner may do with a socket. */
export interface SharedSocket {
  readonly state: ReadonlySignal<SocketState>;
  /** Rejects with an `ApiError`; code `network` means that nobody knows whether it was carried out. */
  command(type: string, payload: unknown): Promise<unknown>;
  /** For what may be lost, such as typing: no answer is waited for. */
  tell(type: string, payload: unknown): void;
}

export interface Reset {
  stream: string;
  /** Its events go on after this one; null for a stream that is not mine (any more). */
  head: number | null;
  /** What we had is ahead of the server: its database was restored. */
  restored: boolean;
}

export interface SocketOptions {
  userId: string;
  positions: Positions;
  /** Called once per event and stream, in order; the position is moved before. */
  onEvent: (stream: string, frame: DurableFrame) => void;
  /** Typing, presence and the like. */
  onSignal: (frame: Frame) => void;
  /** Streams that must be read by REST. */
  onReset: (resets: readonly Reset[]) => void;
  onLive: () => void;
  onEnd: (reason: EndReason) => void;
}
