/** Why a call cannot be, in the reader's words. */
import { ApiError } from "@/lib/api";
import { errorText } from "@/lib/errorText";

import { t } from "./words";

const OWN = [
  "call_full",
  "call_over",
  "call_exists",
  "answered_elsewhere",
  "blocked",
  "sfu_not_configured",
  "no_relay",
  "call_minutes_exceeded",
] as const;

export function refusalText(error: unknown): string {
  if (!(error instanceof ApiError)) return t("notLoaded");
  const known = OWN.find((code) => code === error.code);
  return known === undefined ? errorText(error) : t(known);
}
