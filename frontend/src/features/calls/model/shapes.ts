/** What the server says of calls, and what is said to it. */
import type { Schemas } from "@/lib/api";

export type Person = Schemas["Person"];
export type CallType = "audio" | "video";
export type CallStatus = "ringing" | "connecting" | "active" | "ended";
export type Transport = "p2p" | "sfu";
export type Notice = "sfu_not_configured" | "sfu_unavailable" | "audio_only" | "minutes_low" | "minutes_over";

/** One device of somebody in a call. */
export interface Leg {
  id: string;
  state: "joining" | "connected" | "lost";
  audio_on: boolean;
  video_on: boolean;
  screen_on: boolean;
}

export interface Participant {
  user: Person;
  response: "pending" | "accepted" | "declined" | "missed";
  joined_at: string | null;
  left_at: string | null;
  leg: Leg | null;
}

export interface CallShape {
  id: string;
  conversation_id: string;
  call_type: CallType;
  status: CallStatus;
  end_reason: string | null;
  transport: Transport;
  generation: number;
  provider: string | null;
  initiator: Person | null;
  payer_id: string | null;
  created_at: string;
  ring_until: string;
  connect_until: string | null;
  answered_at: string | null;
  started_at: string | null;
  ended_at: string | null;
  /** Seconds. */
  duration: number | null;
  notice: Notice | null;
  /** How many may take part. */
  most: number;
  participants: Participant[];
}

export interface IceConfig {
  ice_servers: { urls: string[]; username?: string | null; credential?: string | null }[];
  policy: "all" | "relay";
  /** Seconds for which the credential is good. */
  ttl: number;
}

/** A call one has just taken part in, with one's own leg. */
export interface Entry {
  call: CallShape;
  leg: Leg;
  ice: IceConfig;
}

export interface CallState {
  call: CallShape;
  cause: string;
  by: string | null;
}

export interface MediaPass {
  provider: "hms" | "janus";
  generation: number;
  room_id: string;
  url: string;
  token: string | null;
  role: string | null;
  expires_at: string;
}

export interface CallSettings {
  hide_address: "never" | "strangers" | "always";
  ring: boolean;
}

/** A call that begins. */
export interface Begun extends Entry {
  /** It was there already. */
  joined: boolean;
  /** Who is rung and has the app open somewhere. */
  reachable: string[];
}

/** What a leg tells of itself. */
export interface Switches {
  audio_on: boolean;
  video_on: boolean;
  screen_on: boolean;
}

/** Measured since the last one. */
export interface Report {
  rtt_ms: number;
  loss_pct: number;
  jitter_ms: number;
  kbps_in: number;
  kbps_out: number;
  route: "host" | "srflx" | "relay" | "sfu";
  frozen_ms: number;
}

export interface Candidate {
  candidate: string;
  sdp_mid: string | null;
  sdp_mline_index: number | null;
  username_fragment: string | null;
}

/** One frame of signalling, as it is on the wire. */
export interface SignalFrame {
  call_id: string;
  from_leg_id: string;
  to_leg_id: string;
  generation: number;
  /** Without one it acknowledges, and that is all. */
  n?: number | null;
  ack?: number | null;
  sdp?: string;
  candidates?: (Candidate | null)[];
}

export type Signal = { type: "call.offer" | "call.answer"; sdp: string } | { type: "call.ice"; candidates: (Candidate | null)[] };

export function participantOf(call: CallShape, userId: string): Participant | undefined {
  return call.participants.find(({ user }) => user.id === userId);
}

/** Everybody who is in the call at the moment. */
export function present(call: CallShape): (Participant & { leg: Leg })[] {
  return call.participants.filter((one): one is Participant & { leg: Leg } => one.leg !== null);
}

export function isLive(call: CallShape): boolean {
  return call.status !== "ended";
}
