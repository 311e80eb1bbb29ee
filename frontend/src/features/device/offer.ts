/**
 * Notices are offered once, when there is something to hear of: a first message was sent, or an answer took long. The
 * browser's own question comes only after a press, because what is refused there cannot be asked again.
 */
import { currentUser } from "@/lib/api";
import { errorText } from "@/lib/errorText";
import { permission, turnOn, wishes } from "@/lib/notices";
import { subscribe } from "@/lib/realtime";
import type { AnswerEnded, AnswerStarted, MessageNew } from "@/lib/realtime/events.gen";
import { serverTime } from "@/lib/serverClock";
import { toast } from "@/ui";

import { t } from "./words";

/** So long nobody looks at an answer being written: they do something else meanwhile. */
const LONG_ANSWER_MS = 20_000;
/** What was caught up on was not written just now. */
const JUST_NOW_MS = 30_000;
const MARK = "kintsugi.notices-offer.";

export function startOffering(): void {
  const begun = new Map<string, number>();
  subscribe("message.new", (frame) => {
    const { sender, client_id: written, created_at: at } = frame.payload as MessageNew;
    if (sender?.id !== currentUser.peek()?.id || written === null) return;
    if (serverTime() - Date.parse(at) < JUST_NOW_MS) offer();
  });
  subscribe("answer.started", (frame) => {
    begun.set((frame.payload as AnswerStarted).message_id, Date.now());
  });
  subscribe("answer.ended", (frame) => {
    const { message_id: id } = frame.payload as AnswerEnded;
    const at = begun.get(id);
    begun.delete(id);
    if (at !== undefined && Date.now() - at >= LONG_ANSWER_MS) offer();
  });
}

/** A tab that nobody looks at says nothing: there will be a next time. */
function offer(): void {
  const userId = currentUser.peek()?.id;
  if (userId === undefined || document.visibilityState !== "visible") return;
  if (permission() !== "default" || wishes.peek().isOn || localStorage.getItem(MARK + userId) !== null) return;
  // Whatever comes of it, and whether it is answered at all: the settings have it from now on.
  localStorage.setItem(MARK + userId, "asked");
  toast(t("offer"), { isOffer: true, action: { label: t("offerTake"), onSelect: () => void take() } });
}

async function take(): Promise<void> {
  try {
    if (await turnOn()) toast(t("offerTaken"), { tone: "success" });
  } catch (error) {
    toast(errorText(error), { tone: "danger" });
  }
}
