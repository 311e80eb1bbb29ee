/** What is asked of the server about calls. */
import { api, ApiError } from "@/lib/api";
import type { Page } from "@/lib/api";
import { currentSocket } from "@/lib/realtime";

import type { AnswerRequest, Beat, Begun, CallSettings, CallShape, Entry, IceConfig, MediaPass, StartRequest } from "./shapes";

export function startCall(body: StartRequest): Promise<Begun> {
  return api.post("/api/calls/initiate", { body });
}

/**
 * Over the socket, where there is one: that binds the leg to it, and the others' first words come at once. Asked by REST
 * they would come before the first beat has bound it, reach nobody, and be said again a second later.
 */
export async function answerCall(call_id: string, body: AnswerRequest): Promise<Entry> {
  const socket = currentSocket.peek();
  if (socket?.state.peek().state === "live") {
    try {
      return (await socket.command("call.answer", { call_id, ...body })) as Entry;
    } catch (error) {
      // Whether it was done nobody knows, and once more does no harm.
      if (!(error instanceof ApiError) || error.code !== "network") throw error;
    }
  }
  return api.post("/api/calls/{call_id}/answer", { path: { call_id }, body });
}

export async function rejectCall(call_id: string): Promise<CallShape> {
  return (await api.post("/api/calls/{call_id}/reject", { path: { call_id } })).call;
}

export async function endCall(call_id: string, leg_id: string, for_everyone: boolean): Promise<CallShape> {
  return (await api.post("/api/calls/{call_id}/end", { path: { call_id }, body: { leg_id, for_everyone } })).call;
}

export function callStatus(call_id: string): Promise<CallShape> {
  return api.get("/api/calls/{call_id}/status", { path: { call_id } });
}

export async function liveCalls(): Promise<CallShape[]> {
  return (await api.get("/api/calls/live")).results;
}

export function iceServers(call_id: string): Promise<IceConfig> {
  return api.get("/api/calls/ice-servers", { query: { call_id } });
}

export async function sendBeat(call_id: string, body: Beat): Promise<void> {
  await api.post("/api/calls/{call_id}/beat", { path: { call_id }, body: { ...body, leaving: false } });
}

/** The page goes away: said so that it arrives though nobody waits for the answer. */
export async function sayLeaving(call_id: string, beat: Beat): Promise<void> {
  await api.post("/api/calls/{call_id}/beat", { path: { call_id }, body: { ...beat, leaving: true }, keepalive: true });
}

export function mediaPass(call_id: string, leg_id: string): Promise<MediaPass> {
  return api.post("/api/calls/{call_id}/sfu", { path: { call_id }, body: { leg_id } });
}

export async function sponsor(call_id: string): Promise<CallShape> {
  return (await api.post("/api/calls/{call_id}/sponsor", { path: { call_id } })).call;
}

export function listCalls(query: { missed?: boolean }, signal: AbortSignal): Promise<Page<CallShape>> {
  return api.get("/api/calls", { query, signal });
}

export async function markSeen(): Promise<void> {
  await api.post("/api/calls/seen");
}

export async function missedCount(): Promise<number> {
  return (await api.get("/api/calls/missed")).count;
}

export function readSettings(signal?: AbortSignal): Promise<CallSettings> {
  return api.get("/api/calls/settings", { signal });
}

export function saveSettings(body: CallSettings): Promise<CallSettings> {
  return api.put("/api/calls/settings", { body });
}
