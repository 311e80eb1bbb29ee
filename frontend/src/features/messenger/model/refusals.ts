import { ApiError } from "@/lib/api";
import { UNREADABLE } from "@/lib/realtime";

/** Codes of errors that pass: the same again, with the same client id, is the right answer to them. */
const PASSING: ReadonlySet<string> = new Set(["rate_limited", "unavailable", "conflict", "network", "bad_response"]);

/** No answer is not a failure, and neither is a server that asks to come back later. */
export function isPassing(error: unknown): boolean {
  return error instanceof ApiError && (PASSING.has(error.code) || error.status >= 500 || error.status === 429);
}

/** The server hung up over this command, or over another that was on its way beside it. */
export function isUnreadable(error: unknown): boolean {
  return error instanceof ApiError && error.code === UNREADABLE;
}
