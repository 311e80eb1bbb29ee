/** What the server tells about conversations, by the names of `messenger/events.py`; made from it by `make types`. */
import type { MessageShape, ParticipantShape, ServerFrame } from "@/lib/realtime/events.gen";

export type {
  ConversationShape,
  Draft,
  Media,
  MessageShape,
  ParticipantShape,
  Person,
  Preview,
  ReactionCount,
  ReplyTo,
  StoryShape,
  SystemNote,
} from "@/lib/realtime/events.gen";

export type MessageType = MessageShape["message_type"];
export type Role = ParticipantShape["role"];

/** The types of the events this model takes in. */
export type EventType =
  | `${"message" | "reaction" | "conversation" | "participant" | "story"}.${string}`
  | "user.typing"
  | "user.online"
  | "user.offline";

type Frames = Extract<ServerFrame, { type: EventType }>;

/** The payload of every event of the messenger, by its type. */
export type Events = { [T in Frames["type"]]: Extract<Frames, { type: T }>["payload"] };

/** Only what changed; null and missing both mean "as before". A draft with empty content is a draft that is gone. */
export type ConversationChange = Pick<Events["conversation.updated"], "conversation_id"> &
  Partial<Events["conversation.updated"]>;

/** One event as the reducer takes it: `{ type, payload }` with the two belonging together. */
export type MessengerEvent = {
  [T in Frames["type"]]: { type: T; payload: T extends "conversation.updated" ? ConversationChange : Events[T] };
}[Frames["type"]];
