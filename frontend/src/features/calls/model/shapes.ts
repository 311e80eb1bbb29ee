/** What the server says of calls, and what is said to it. */
import type { Schemas } from "@/lib/api";

export type Person = Schemas["Person"];
export type CallShape = Schemas["CallShape"];
export type Participant = Schemas["CallParticipantShape"];
/** One device of somebody in a call. */
export type Leg = Schemas["LegShape"];
export type CallType = CallShape["call_type"];
export type IceConfig = Schemas["IceShape"];
/** A call one has just taken part in, with one's own leg. */
export type Entry = Schemas["JoinedShape"];
/** A call that begins. */
export type Begun = Schemas["InitiatedShape"];
export type MediaPass = Schemas["MediaPass"];
export type CallSettings = Schemas["CallSettingsShape"];
/** Measured since the last one. */
export type Report = Schemas["QualityReport"];
export type Beat = Omit<Schemas["BeatRequest"], "leaving">;
export type StartRequest = Schemas["InitiateRequest"];
export type AnswerRequest = Schemas["AnswerRequest"];

export interface CallState {
  call: CallShape;
  cause: string;
  by: string | null;
}

/** What a leg tells of itself. */
export type Switches = Pick<Leg, "audio_on" | "video_on" | "screen_on">;

/** The same, as the server tells it to others: the higher number is newer. */
export type Switched = Switches & Pick<Leg, "switched">;

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
