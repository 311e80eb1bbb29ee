/** Messages as the screen shows them: the server's, and those that wait to be sent, in one shape. */
import type { User } from "@/lib/api";
import { serverTime } from "@/lib/serverClock";

import type { ConversationShape, Media, MessageShape, Person } from "./shapes";
import type { QueuedFile, QueueEntry } from "./storage";
import type { Delivery, Presence, ShownMessage } from "./types";
import { t } from "./words";

/** `theirs`: of the other one of a direct conversation. */
export function shownMessage(
  message: MessageShape,
  conversation: ConversationShape | null,
  me: string,
  theirs: Presence | null = null,
): ShownMessage {
  const isMine = message.sender?.id === me && message.message_type !== "system";
  return {
    ...message,
    key: isMine ? (message.client_id ?? message.id) : message.id,
    delivery: isMine ? deliveryOf(message, conversation, me, theirs) : null,
    upload: null,
    localUrl: null,
  };
}

export function shownEntry(entry: QueueEntry, me: Person, loaded: number | null, localUrl: string | null): ShownMessage {
  const { failure, file } = entry;
  return {
    id: `local:${entry.client_id}`,
    key: entry.client_id,
    conversation_id: entry.conversation_id,
    seq: null,
    sender: me,
    client_id: entry.client_id,
    message_type: entry.message_type,
    content: entry.content,
    media: file && localMedia(entry.client_id, file),
    reply_to: entry.reply_to,
    forwarded_from: null,
    mentions: [],
    reactions: [],
    link_preview: null,
    system: null,
    agent: null,
    album_id: entry.album_id ?? null,
    story_id: entry.story_id ?? null,
    is_edited: false,
    is_forwarded: false,
    is_deleted: false,
    is_pinned: false,
    edited_at: null,
    created_at: new Date(serverTime(entry.order)).toISOString(),
    delivery: failure
      ? { state: "failed", sentence: failure.sentence, retryable: failure.retryable }
      : { state: "sending" },
    upload: file === null || failure !== null || entry.media_id !== null ? null : { loaded, total: file.blob.size },
    localUrl,
  };
}

export function asPerson(user: User): Person {
  const name = user.display_name || (user.username ?? `${t("user")} ${user.id.slice(0, 8)}`);
  return { id: user.id, username: user.username, name, avatar_url: user.avatar_url, kind: user.kind };
}

/** Whose presence is of interest in a direct conversation: the other one's, as agents have none. */
export function presentIn(conversation: ConversationShape, me: string): Person | null {
  const other = otherIn(conversation, me);
  // What was known of them before a block is nobody's business after it.
  return other?.kind === "human" && !conversation.is_blocked ? other : null;
}

/** The other one of a direct conversation. */
export function otherIn(conversation: ConversationShape, me: string): Person | null {
  if (conversation.type !== "direct") return null;
  return conversation.participants.find(({ user }) => user.id !== me)?.user ?? null;
}

function deliveryOf(
  message: MessageShape,
  conversation: ConversationShape | null,
  me: string,
  theirs: Presence | null,
): Delivery {
  const others = conversation?.participants.filter(({ user }) => user.id !== me) ?? [];
  if (others.some(({ read_seq }) => read_seq >= message.seq)) return { state: "read" };
  return { state: conversation?.type === "direct" && wasThere(theirs, message.created_at) ? "delivered" : "sent" };
}

/** Whoever was online since then has it: streams bring everything to every device that is there. */
function wasThere(presence: Presence | null, since: string): boolean {
  if (presence === null) return false;
  return presence.online || (presence.lastSeen !== null && Date.parse(presence.lastSeen) > Date.parse(since));
}

function localMedia(clientId: string, { blob, name, size }: QueuedFile): Media {
  const [family] = blob.type.split("/");
  return {
    id: `local:${clientId}`,
    kind: family === "image" || family === "video" || family === "audio" ? family : "other",
    name,
    mime_type: blob.type,
    size: blob.size,
    width: size?.width ?? null,
    height: size?.height ?? null,
    duration: null,
    has_thumbnail: false,
  };
}
