/** What is asked of the server about calls. */
import { api } from "@/lib/api";
import type { Page } from "@/lib/api";

import type { Begun, CallSettings, CallShape, CallType, Entry, IceConfig, MediaPass, Report, Switches } from "./shapes";

interface Ask {
  path?: Record<string, string>;
  query?: Record<string, string | number | boolean | undefined>;
  body?: unknown;
  signal?: AbortSignal;
  keepalive?: boolean;
}

type Loose = (path: string, call?: Ask) => Promise<unknown>;
const { get, post, put } = api as unknown as { get: Loose; post: Loose; put: Loose };

export interface StartRequest extends Partial<Pick<Switches, "audio_on" | "video_on">> {
  conversation_id: string;
  call_type: CallType;
  client_id: string;
  device_key: string;
}

export interface AnswerRequest extends Partial<Pick<Switches, "audio_on" | "video_on">> {
  device_key: string;
  move?: boolean;
}

export interface Beat extends Switches {
  leg_id: string;
  generation: number;
  waits_for_permission: boolean;
  media_from: string[];
  report?: Report;
}

export async function startCall(body: StartRequest): Promise<Begun> {
  return (await post("/api/calls/initiate", { body })) as Begun;
}

export async function answerCall(call_id: string, body: AnswerRequest): Promise<Entry> {
  return (await post("/api/calls/{call_id}/answer", { path: { call_id }, body })) as Entry;
}

export async function rejectCall(call_id: string): Promise<CallShape> {
  return ((await post("/api/calls/{call_id}/reject", { path: { call_id }, body: {} })) as { call: CallShape }).call;
}

export async function endCall(call_id: string, body: { leg_id?: string; for_everyone?: boolean }): Promise<CallShape> {
  return ((await post("/api/calls/{call_id}/end", { path: { call_id }, body })) as { call: CallShape }).call;
}

export async function callStatus(call_id: string): Promise<CallShape> {
  return (await get("/api/calls/{call_id}/status", { path: { call_id } })) as CallShape;
}

export async function liveCalls(): Promise<CallShape[]> {
  return ((await get("/api/calls/live")) as { results: CallShape[] }).results;
}

export async function iceServers(call_id: string): Promise<IceConfig> {
  return (await get("/api/calls/ice-servers", { query: { call_id } })) as IceConfig;
}

export async function sendBeat(call_id: string, body: Beat): Promise<{ generation: number; status: string }> {
  return (await post("/api/calls/{call_id}/beat", { path: { call_id }, body })) as { generation: number; status: string };
}

export async function mediaPass(call_id: string, leg_id: string): Promise<MediaPass> {
  return (await post("/api/calls/{call_id}/sfu", { path: { call_id }, body: { leg_id } })) as MediaPass;
}

export async function sponsor(call_id: string): Promise<CallShape> {
  return ((await post("/api/calls/{call_id}/sponsor", { path: { call_id }, body: {} })) as { call: CallShape }).call;
}

export async function listCalls(query: { missed?: 1 }, signal: AbortSignal): Promise<Page<CallShape>> {
  return (await get("/api/calls", { query, signal })) as Page<CallShape>;
}

export async function markSeen(): Promise<void> {
  await post("/api/calls/seen", { body: {} });
}

export async function missedCount(): Promise<number> {
  return ((await get("/api/calls/missed")) as { count: number }).count;
}

export async function readSettings(signal?: AbortSignal): Promise<CallSettings> {
  return (await get("/api/calls/settings", signal ? { signal } : {})) as CallSettings;
}

export async function saveSettings(body: CallSettings): Promise<CallSettings> {
  return (await put("/api/calls/settings", { body })) as CallSettings;
}

/** The page goes away: said so that it arrives though nobody waits for the answer. */
export async function sayLeaving(call_id: string, leg_id: string, beat: Beat): Promise<void> {
  const body = { ...beat, leg_id, leaving: true };
  await post("/api/calls/{call_id}/beat", { path: { call_id }, body, keepalive: true });
}
