/** What is said once a call is over for this tab. */
import { ApiError } from "@/lib/api";
import { clock } from "@/lib/countdown";

import type { Over } from "../model/session";
import { refusalText } from "../trouble";
import { t } from "./words";

export interface LastWords {
  text: string;
  /** Why, where it needs another sentence. */
  why: string | null;
  /** The button that leads on, where one may want to. */
  again: string | null;
}

/** After these one may want to try again; the others are said and that is all. */
const AGAIN = ["declined", "missed", "failed", "lost", "no_microphone"];
/** Trying again would come to the same. */
const FINAL = ["answered_elsewhere", "blocked"];
const SENTENCES = [
  "declined",
  "missed",
  "cancelled",
  "failed",
  "lost",
  "removed",
  "blocked",
  "limit",
  "too_long",
  "staff",
  "moved",
  "left",
  "no_microphone",
] as const;

export function lastWords(over: Over, name: string, seconds: number | null): LastWords {
  if ("error" in over) return refused(over);
  const known = SENTENCES.find((reason) => reason === over.reason);
  const again = AGAIN.includes(over.reason) ? t("callAgain") : null;
  if (known === "declined" || known === "missed") return { text: t(`over_${known}`, { name }), why: null, again };
  if (known !== undefined) return { text: t(`over_${known}`), why: null, again };
  const text = seconds === null || seconds === 0 ? t("over") : t("overAfter", { time: clock(seconds) });
  return { text, why: null, again };
}

/** Who answered began nothing: they did not come in, and the call may go on without them. */
function refused({ error, isAnswer }: Extract<Over, { error: unknown }>): LastWords {
  const code = error instanceof ApiError ? error.code : "";
  const why = refusalText(error);
  if (!isAnswer) return { text: t("over_refused"), why, again: FINAL.includes(code) ? null : t("callAgain") };
  if (code === "call_over") return { text: t("over_tooLate"), why: null, again: t("callAgain") };
  return { text: t("over_notJoined"), why, again: FINAL.includes(code) ? null : t("tryAgain") };
}
