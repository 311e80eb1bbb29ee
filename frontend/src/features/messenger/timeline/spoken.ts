/** Messages as a screen reader says them. */
import type { ShownMessage } from "../model";
import { timeOfDay } from "../parts/format";
import { summary } from "../parts/lines";
import { t } from "./words";

export function senderName(message: Pick<ShownMessage, "sender">): string {
  return message.sender?.name ?? t("someone");
}

/** Who says what; what the system says names its people itself. */
export function spokenLine(message: ShownMessage, me: string | null): string {
  if (message.message_type === "system") return summary(message, me);
  return t("newMessageFrom", { name: senderName(message), line: summary(message, me) });
}

/** A row of the timeline: who says what, when, and what became of it. */
export function spokenRow(message: ShownMessage, me: string | null): string {
  const words = spokenLine(message, me);
  const state = message.delivery === null ? "" : `, ${t(message.delivery.state)}`;
  return `${words}, ${timeOfDay(message.created_at)}${state}`;
}
