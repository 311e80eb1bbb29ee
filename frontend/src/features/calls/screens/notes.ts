/** What is said of the way a call takes, and whether one may pay for a better one. */
import { participantOf } from "../model/shapes";
import type { CallShape } from "../model/shapes";
import { t } from "./words";

export interface WayNote {
  text: string;
  canPay: boolean;
}

interface Here {
  userId: string;
  isServerAway: boolean;
  /** Pictures are carried by the way the call takes. */
  mayShow: boolean;
}

/** Somebody else may take over: before the minutes are used up, as after, and where the plan has none. */
const CAN_BE_PAID: ReadonlySet<string> = new Set(["minutes_low", "minutes_over", "minutes_not_in_plan"]);

/** Minutes end also when whoever paid has left: then they are not used up, and nobody is blamed for that. */
function noticeKey(notice: NonNullable<CallShape["notice"]>, call: CallShape) {
  const isAway = call.payer_id !== null && participantOf(call, call.payer_id)?.leg == null;
  if (isAway && notice === "minutes_low") return "payerLeaves" as const;
  if (isAway && notice === "minutes_over") return "payerLeft" as const;
  return `notice_${notice}` as const;
}

export function wayNotes(call: CallShape | null, { userId, isServerAway, mayShow }: Here): WayNote[] {
  if (call === null) return [];
  const { notice, payer_id: payer } = call;
  const notes: WayNote[] = [];
  if (notice !== null) notes.push({ text: t(noticeKey(notice, call)), canPay: CAN_BE_PAID.has(notice) && payer !== userId });
  else if (isServerAway) notes.push({ text: t("serverAway"), canPay: false });
  // Why there are no pictures may be another sentence; that there are none is said in any case.
  if (!mayShow && notice !== "audio_only") notes.push({ text: t("noVideo"), canPay: false });
  return notes;
}
