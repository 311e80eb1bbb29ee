/** What the conversations of calls are called: a call itself knows only who is in it. */
import { signal } from "@preact/signals";

import { api } from "@/lib/api";

export interface Room {
  name: string;
  avatarUrl: string;
  isGroup: boolean;
  isMuted: boolean;
}

const rooms = signal<ReadonlyMap<string, Room>>(new Map());
const asked = new Set<string>();

/** Null until it is known; reading it asks. */
export function roomOf(conversationId: string): Room | null {
  const room = rooms.value.get(conversationId) ?? null;
  if (room === null) void readRoom(conversationId);
  return room;
}

/** Asked anew each time: whether it is muted may have changed. Null where it cannot be read. */
export async function readRoom(conversationId: string, again = false): Promise<Room | null> {
  if (asked.has(conversationId) && !again) return rooms.peek().get(conversationId) ?? null;
  asked.add(conversationId);
  try {
    const path = { conversation_id: conversationId };
    const { name, avatar_url, type, is_muted } = await api.get("/api/messenger/conversations/{conversation_id}", { path });
    const room = { name, avatarUrl: avatar_url, isGroup: type === "group", isMuted: is_muted };
    rooms.value = new Map(rooms.peek()).set(conversationId, room);
    return room;
  } catch {
    asked.delete(conversationId);
    return null;
  }
}

export function forgetRooms(): void {
  rooms.value = new Map();
  asked.clear();
}
