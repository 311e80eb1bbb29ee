/** What this feature reads and sends, by the names of the server's schema; what differs from it says how. */
import type { Schemas } from "@/lib/api";

export type Chat = Schemas["Chat"];
export type NewChat = Schemas["NewChatRequest"];
export type ChatChange = Schemas["PatchedChatChangeRequest"];
export type Encoding = Schemas["EncodingEnum"];
export type Model = Schemas["Model"];
export type Price = Schemas["Price"];
export type Estimate = Schemas["Estimate"];
export type EstimateRequest = Schemas["EstimateRequest"];
export type NewMessage = Schemas["NewMessageRequest"];
export type Regeneration = Schemas["RegenerateRequest"];
export type Continuation = Schemas["ContinueRequest"];
export type Notice = Schemas["Notice"];
export type StartFrame = Schemas["StartEvent"];
export type Usage = Schemas["Usage"];

export type DeltaFrame = Schemas["DeltaEvent"];
export type DoneFrame = Schemas["DoneEvent"];
/** A piece of what the model thinks before it writes. */
export type ThinkingFrame = Schemas["ThinkingEvent"];

type Counts = "prompt_tokens" | "completion_tokens" | "total_tokens";

/** Why an answer failed, as a message keeps it: more fields than the schema names follow, by code. */
export type ErrorBody = Schemas["ErrorBody"] & Record<string, unknown>;

/** The server's, or one of this client's making that is not sent yet: nobody has counted its tokens. */
export type Message = Omit<Schemas["Message"], Counts | "error"> &
  Record<Counts, number | null> & { error: ErrorBody | null };
