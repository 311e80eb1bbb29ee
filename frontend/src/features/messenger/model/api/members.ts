/** Who is in a conversation, and who may come in. */
import { api } from "@/lib/api";
import type { Page } from "@/lib/api";

import type { ConversationShape, Invite, InvitePreview, ParticipantShape, Role } from "../shapes";
import { CONVERSATION, PAGE } from "./urls";

const PARTICIPANT = `${CONVERSATION}/participants/{user_id}`;

export function listParticipants(id: string, search = "", signal?: AbortSignal): Promise<Page<ParticipantShape>> {
  const query = { search, limit: PAGE };
  return api.get(`${CONVERSATION}/participants`, { path: { conversation_id: id }, query, signal });
}

export function addParticipants(
  id: string,
  userIds: string[],
): Promise<{ participants: ParticipantShape[]; participant_count: number }> {
  return api.post(`${CONVERSATION}/participants`, { path: { conversation_id: id }, body: { user_ids: userIds } });
}

export function changeRole(id: string, userId: string, role: Role): Promise<ParticipantShape> {
  return api.patch(PARTICIPANT, { path: { conversation_id: id, user_id: userId }, body: { role } });
}

/** Of somebody else by an admin, or of oneself: leaving. */
export function removeParticipant(id: string, userId: string): Promise<void> {
  return api.delete(PARTICIPANT, { path: { conversation_id: id, user_id: userId } });
}

/** `expires_in` in seconds. */
export function createInvite(id: string, limits: { expires_in?: number; max_uses?: number } = {}): Promise<Invite> {
  return api.post(`${CONVERSATION}/invites`, { path: { conversation_id: id }, body: limits });
}

export function listInvites(id: string, signal?: AbortSignal): Promise<Page<Invite>> {
  return api.get(`${CONVERSATION}/invites`, { path: { conversation_id: id }, signal });
}

export function revokeInvite(id: string, inviteId: string): Promise<void> {
  return api.delete(`${CONVERSATION}/invites/{invite_id}`, { path: { conversation_id: id, invite_id: inviteId } });
}

export function readInvite(token: string, signal?: AbortSignal): Promise<InvitePreview> {
  return api.get("/api/messenger/invites/{token}", { path: { token }, signal });
}

export function joinByInvite(token: string): Promise<ConversationShape> {
  return api.post("/api/messenger/invites/{token}/join", { path: { token } });
}
