/** Calls as the server would say them. Tests only. */
import type { CallShape, Leg, Participant, Person } from "../model/shapes";

export function person(name: string): Person {
  return { id: `user-${name}`, username: name, name, avatar_url: "", kind: "human" };
}

export function leg(id: string, more: Partial<Leg> = {}): Leg {
  return { id, state: "joining", audio_on: true, video_on: false, screen_on: false, switched: 0, ...more };
}

export function participant(name: string, more: Partial<Participant> = {}): Participant {
  return { user: person(name), response: "accepted", joined_at: null, left_at: null, leg: null, ...more };
}

/** Alice calls Bob, who has 45 seconds. */
export function call(more: Partial<CallShape> = {}): CallShape {
  return {
    id: "call-1",
    conversation_id: "room-1",
    call_type: "audio",
    status: "ringing",
    end_reason: null,
    transport: "p2p",
    generation: 1,
    provider: null,
    initiator: person("alice"),
    payer_id: null,
    created_at: new Date().toISOString(),
    ring_until: new Date(Date.now() + 45_000).toISOString(),
    connect_until: null,
    answered_at: null,
    started_at: null,
    ended_at: null,
    duration: null,
    notice: null,
    most: 6,
    participants: [participant("alice", { leg: leg("leg-a") }), participant("bob", { response: "pending" })],
    ...more,
  };
}

export const ICE = { ice_servers: [], policy: "all", ttl: 3600 } as const;
