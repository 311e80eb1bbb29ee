import { t } from "./words";

const MINUTE_MS = 60_000;

/** How long a story is still seen: hours, and minutes in the last one. */
export function timeLeft(expiresAt: string, now = Date.now()): string {
  const minutes = Math.max(1, Math.ceil((Date.parse(expiresAt) - now) / MINUTE_MS));
  return minutes < 60 ? t("minutesLeft", { count: minutes }) : t("hoursLeft", { count: Math.round(minutes / 60) });
}
