import { ApiError } from "@/lib/api";
import { errorText } from "@/lib/errorText";

import type { Fault } from "../shapes";

/** What stands on a row has the codes of refusals, and their words in the reader's language. */
export function asError({ code, message }: Fault): ApiError {
  return new ApiError(message, 422, code);
}

export function faultText(fault: Fault): string {
  return errorText(asError(fault));
}
