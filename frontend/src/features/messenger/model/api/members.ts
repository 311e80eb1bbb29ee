/** Who is in a conversation, and who may come in. */
import { api } from "@/lib/api";
import type { Page } from "@/lib/api";

import type { ConversationShape, ParticipantShape, Person, Role } from "../shapes";
import { conversationUrl, PAGE, query, ROOT } from "./urls";

export function listParticipants(id: string, search = "", signal?: AbortSignal): Promise<Page<ParticipantShape>> {
  return api.get(`${conversationUrl(id)}/participants${query({ search, limit: PAGE })}`, { signal });
}

export function addParticipants(
  id: string,
  userIds: string[],
): Promise<{ participants: ParticipantShape[]; participant_count: number }> {
  return api.post(`${conversationUrl(id)}/participants`, { user_ids: userIds });
}

export function changeRole(id: string, userId: string, role: Role): Promise<ParticipantShape> {
  return api.patch(`${conversationUrl(id)}/participants/${encodeURIComponent(userId)}`, { role });
}

/** Of somebody else by an admin, or of oneself: leaving. */
export function removeParticipant(id: string, userId: string): Promise<void> {
  return api.delete(`${conversationUrl(id)}/participants/${encodeURIComponent(userId)}`);
}

export interface Invite {
  id: string;
  token: string;
  url: string;
  expires_at: string | null;
  max_uses: number | null;
  uses: number;
  created_at: string;
  created_by: Person;
}

/** `expires_in` in seconds. */
export function createInvite(id: string, limits: { expires_in?: number; max_uses?: number } = {}): Promise<Invite> {
  return api.post(`${conversationUrl(id)}/invites`, limits);
}

export function listInvites(id: string, signal?: AbortSignal): Promise<Page<Invite>> {
  return api.get(`${conversationUrl(id)}/invites`, { signal });
}

export function revokeInvite(id: string, inviteId: string): Promise<void> {
  return api.delete(`${conversationUrl(id)}/invites/${encodeURIComponent(inviteId)}`);
}

export interface InvitePreview {
  conversation: { name: string; avatar_url: string; participant_count: number };
  is_member: boolean;
}

export function readInvite(token: string, signal?: AbortSignal): Promise<InvitePreview> {
  return api.get(`${ROOT}/invites/${encodeURIComponent(token)}`, { signal });
}

export function joinByInvite(token: string): Promise<ConversationShape> {
  return api.post(`${ROOT}/invites/${encodeURIComponent(token)}/join`);
}
