/** What the stream of a run says, frame by frame. The id of a frame says where it belongs: `<step>.<position>`. */
import type { Approval, Effect, Limits, Reason, RunState, StepState } from "../shapes";

export interface StartFrame {
  run: { id: string; agent_id: string | null; state: RunState; payer: { id: string; name: string } | string | null; at_most: number; limits: Limits };
}

/** A step begins, or one that was begun has ended. */
export interface StepFrame {
  n: number;
  kind?: "model" | "tool";
  attempt?: number;
  is_closing?: boolean;
  name?: string;
  arguments?: unknown;
  effect?: Effect | null;
  state?: StepState;
  status_code?: number | null;
  seconds?: number | null;
  bytes?: number | null;
  result?: string | null;
  error?: string | null;
}

/** A person is asked. Older servers of this release say less of the request than `Approval` does. */
export type ApprovalFrame = Pick<Approval, "n" | "name" | "arguments" | "arguments_hash" | "expires_at" | "why"> & Partial<Approval>;

export interface UsageFrame {
  n: number;
  prompt_tokens: number;
  completion_tokens: number;
  run_tokens: number;
  estimated: boolean;
}

export interface DeltaFrame {
  delta: string;
  n: number;
  done: false;
}

export interface DoneFrame {
  delta: "";
  done: true;
  state: RunState;
  reason: Reason | null;
  total_tokens: number;
  steps: number;
  calls: number;
}
