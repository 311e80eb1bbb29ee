import { lastSeenText } from "../parts/format";
import type { Presence } from "./types";
import { t } from "./words";

/** "Online", or when it was last so, as people say it. */
export function presenceText({ online, lastSeen }: Presence): string {
  if (online) return t("online");
  return lastSeen === null ? t("offline") : lastSeenText(lastSeen);
}
