/** What the server tells about conversations, by socket and by REST: all of it by the names of its own schemas. */
import type { Query, Schemas } from "@/lib/api";
import type { MessageShape, ParticipantShape, ServerFrame, StoryShape } from "@/lib/realtime/events.gen";

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

export type Block = Schemas["BlockShape"];
export type Contact = Schemas["Contact"];
export type History = Schemas["HistoryPage"];
export type Invite = Schemas["InviteShape"];
export type InvitePreview = Schemas["InviteLook"];
export type MediaLink = Schemas["MediaLink"];
export type NewConversation = Schemas["NewConversationRequest"];
export type NewMessage = Schemas["NewTextRequest"];
export type PresenceShape = Schemas["Presence"];
export type ReadPosition = Schemas["ReadPosition"];
export type Receipt = Schemas["Receipt"];
export type SearchFilter = Query<"get", "/api/messenger/search">;
export type SearchHit = Schemas["Hit"];
export type SentMessage = Schemas["SentMessage"];
export type Settings = Schemas["ConversationSettings"];
export type StoryView = Schemas["StoryViewShape"];

/** A story of a list, or one that was just told; whether I have seen it is all that the list adds. */
export type SeenStory = StoryShape & Pick<Schemas["SeenStory"], "viewed">;
export type StoryGroup = Omit<Schemas["StoryGroup"], "stories"> & { stories: readonly SeenStory[] };

/** The types of the events this model takes in. */
export type EventType =
  | `${"message" | "reaction" | "conversation" | "participant" | "person" | "story"}.${string}`
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
