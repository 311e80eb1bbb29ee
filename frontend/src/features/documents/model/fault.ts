import { ApiError } from "@/lib/api";
import { errorText } from "@/lib/errorText";

/** What stands on a row has the codes of refusals, and their words in the reader's language. */
export function faultText({ code, message }: { code: string; message: string }): string {
  return errorText(new ApiError(message, 422, code));
}

/** Somebody was faster, perhaps oneself on another device. */
export function isConflict(error: unknown): boolean {
  return error instanceof ApiError && error.status === 409 && error.code.endsWith("_changed");
}
