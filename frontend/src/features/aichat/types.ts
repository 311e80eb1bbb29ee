/** The wire shapes of the aichat API that this feature reads. */
import type { UploadedFile } from "@/lib/api";

/** The house error body as a message keeps it; `errorFromBody` turns it into an `ApiError`. */
export interface ErrorBody {
  readonly error: string;
  readonly code: string;
  readonly [context: string]: unknown;
}

export interface Chat {
  readonly id: string;
  readonly title: string;
  readonly model: string;
  readonly system_prompt: string;
  readonly temperature: number | null;
  readonly pinned: boolean;
  readonly archived: boolean;
  readonly temporary: boolean;
  readonly active_message_id: string | null;
  readonly created_at: string;
  readonly updated_at: string;
}

export type NewChat = Partial<Pick<Chat, "title" | "model" | "system_prompt" | "temperature" | "temporary">>;
export type ChatChange = Partial<
  Pick<Chat, "title" | "model" | "system_prompt" | "temperature" | "pinned" | "archived" | "active_message_id">
>;

export type MessageStatus = "pending" | "streaming" | "complete" | "incomplete" | "stopped" | "failed";

export interface Message {
  readonly id: string;
  readonly chat_id: string;
  readonly parent_id: string | null;
  readonly role: "user" | "assistant" | "system" | "tool";
  readonly content: string;
  readonly status: MessageStatus;
  readonly model: string;
  readonly finish_reason: string | null;
  readonly prompt_tokens: number | null;
  readonly completion_tokens: number | null;
  readonly total_tokens: number | null;
  readonly estimated: boolean;
  readonly error: ErrorBody | null;
  readonly attachments: readonly UploadedFile[];
  /** Every branch at this place in the tree, in order, this message included. */
  readonly sibling_ids: readonly string[];
  readonly client_id: string | null;
  readonly created_at: string;
}

export interface Model {
  readonly id: string;
  readonly name: string;
  readonly provider: string;
  readonly context_window: number;
  readonly max_output_tokens: number;
  readonly min_tier: string;
  readonly available: boolean;
  readonly vision: boolean;
  readonly tools: boolean;
  readonly is_demo: boolean;
  readonly parameters: readonly string[];
  /** USD per million tokens as a decimal string; null when nobody is charged. */
  readonly input_price: string | null;
  readonly output_price: string | null;
}

export interface EstimateRequest {
  readonly chat_id?: string;
  readonly content: string;
  readonly model?: string;
  readonly attachments?: readonly string[];
  readonly parent_id?: string | null;
}

export interface Estimate {
  readonly model: string;
  readonly prompt_tokens: number;
  readonly max_tokens: number;
  readonly estimated_tokens: number;
  /** null: unlimited. */
  readonly tokens_left: number | null;
  readonly fits: boolean;
  readonly left_out: number;
}

export interface NewMessage {
  readonly content: string;
  readonly client_id: string;
  readonly model?: string;
  readonly attachments?: readonly string[];
  /** Absent: below the active leaf. Given (null = the root): a new branch there. */
  readonly parent_id?: string | null;
}

export interface Notice {
  readonly code: string;
  readonly left_out?: number;
}

export interface StartFrame {
  readonly user_message: Message | null;
  readonly message: Message;
  readonly notice: Notice | null;
}

export interface DeltaFrame {
  readonly delta: string;
  readonly message_id: string;
  readonly done: false;
}

export interface DoneFrame {
  readonly delta: "";
  readonly message_id: string;
  readonly done: true;
  readonly prompt_tokens: number | null;
  readonly completion_tokens: number | null;
  readonly total_tokens: number | null;
  readonly finish_reason: string | null;
  readonly estimated: boolean;
  readonly status: MessageStatus;
}
