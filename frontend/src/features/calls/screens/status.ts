import type { CallSession } from "../model";
import { t } from "./words";

/** How far the call has come, before anybody is heard. Empty while people talk. */
export function statusText(session: CallSession): string {
  const call = session.call.value;
  if (session.local.isAsking.value) return t(session.options.callType === "video" ? "askingVideo" : "asking");
  if (session.phase.value !== "in" || call === null) return t("starting");
  if (call.status === "ringing") {
    if (session.isReachable.value !== false) return t("ringing");
    const rung = call.participants.filter(({ response }) => response === "pending");
    return rung.length > 1 ? t("nobodyOnline") : t("notOnline", { name: rung[0]?.user.name ?? session.options.title });
  }
  const others = session.others.value;
  if (others.length === 0) return t("waitingOthers");
  const legs = session.plane.value?.legs.value;
  const isHeard = others.some(({ leg }) => legs?.get(leg.id)?.isHeard.value === true);
  if (isHeard) return "";
  return call.status === "connecting" ? t("connecting") : t("reconnecting");
}
