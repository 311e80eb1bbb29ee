/** People, messages and conversations for tests and for looking at screens without a server. */
import type { ConversationShape, Media, Person, ShownMessage } from "../model";

export function person(name: string, part: Partial<Person> = {}): Person {
  return { id: `u-${name}`, username: name, name, avatar_url: "", kind: "human", ...part };
}

export const alice = person("alice");
export const bob = person("bob");
export const charlie = person("charlie");

export const START = Date.parse("2026-03-02T09:00:00Z");

export function media(part: Partial<Media> = {}): Media {
  return {
    id: "f-1",
    kind: "image",
    name: "cat.jpg",
    mime_type: "image/jpeg",
    size: 240_000,
    width: 1200,
    height: 800,
    duration: null,
    has_thumbnail: true,
    ...part,
  };
}

/** A message of bob's, one minute after the one before it. */
export function message(seq: number, part: Partial<ShownMessage> = {}): ShownMessage {
  return {
    id: `m-${seq}`,
    key: `m-${seq}`,
    conversation_id: "c-1",
    seq,
    sender: bob,
    client_id: null,
    message_type: "text",
    content: `Message ${seq}`,
    media: null,
    reply_to: null,
    forwarded_from: null,
    mentions: [],
    reactions: [],
    link_preview: null,
    system: null,
    agent: null,
    album_id: null,
    story_id: null,
    is_edited: false,
    is_forwarded: false,
    is_deleted: false,
    is_pinned: false,
    edited_at: null,
    created_at: new Date(START + seq * 60_000).toISOString(),
    delivery: null,
    upload: null,
    localUrl: null,
    ...part,
  };
}

export function conversation(part: Partial<ConversationShape> = {}): ConversationShape {
  const joined = { role: "member", read_seq: 0, last_read_at: null, joined_at: new Date(START).toISOString() } as const;
  return {
    id: "c-1",
    type: "direct",
    name: "bob",
    avatar_url: "",
    created_by: alice.id,
    is_ai_agent: false,
    created_at: new Date(START).toISOString(),
    updated_at: new Date(START).toISOString(),
    participants: [
      { user: alice, ...joined },
      { user: bob, ...joined },
    ],
    participant_count: 2,
    role: "member",
    last_seq: 0,
    read_seq: 0,
    cleared_seq: 0,
    unread_count: 0,
    mention_count: 0,
    last_message: null,
    pinned_message_ids: [],
    is_pinned: false,
    is_muted: false,
    is_archived: false,
    is_blocked: false,
    is_saved: false,
    notify: "all",
    draft: null,
    ...part,
  };
}
