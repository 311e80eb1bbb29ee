import { useEffect, useLayoutEffect, useRef } from "preact/hooks";

import { clock } from "@/lib/countdown";
import { Button } from "@/ui";

import styles from "../layer.module.css";
import type { Calls, CallSession } from "../model";
import { refusalText } from "../trouble";
import { begin } from "../view";
import { t } from "./words";

/** What needs no answer leaves by itself. */
const SHOWN_MS = 6_000;
/** After these one may want to try again; the others are said and that is all. */
const AGAIN = ["declined", "missed", "failed", "lost", "no_microphone"];
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

/** The last word about a call. */
export function OverCard({ session, all }: { session: CallSession; all: Calls }) {
  const card = useRef<HTMLDivElement>(null);
  const over = session.over.value;
  const reason = over !== null && "reason" in over ? over.reason : null;
  const isSilent = reason === "elsewhere" || reason === "signed_out";
  const canRepeat = over !== null && ("error" in over || AGAIN.includes(over.reason));

  useEffect(() => {
    if (canRepeat || isSilent) return;
    const timer = setTimeout(() => all.dismiss(), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [all, canRepeat, isSilent]);

  useLayoutEffect(() => {
    const element = card.current;
    if (isSilent) return;
    element?.showPopover();
    return () => element?.hidePopover();
  }, [isSilent]);

  if (over === null || isSilent) return null;
  return (
    <div ref={card} popover="manual" class={styles.over} role="status">
      <p>
        <strong dir="auto">{sentence(session)}</strong>
      </p>
      {reason === "no_microphone" && <p>{deviceText(session)}</p>}
      {"error" in over && <p>{refusalText(over.error)}</p>}
      <div class={styles.ringButtons}>
        {canRepeat && (
          <Button variant="primary" icon="phone" onClick={() => begin(session.options, session.options.callType)}>
            {t("callAgain")}
          </Button>
        )}
        <Button onClick={() => all.dismiss()}>{t("close")}</Button>
      </div>
    </div>
  );
}

function sentence(session: CallSession): string {
  const over = session.over.value;
  if (over === null || "error" in over) return t("over_refused");
  const name = session.options.title;
  const known = SENTENCES.find((reason) => reason === over.reason);
  if (known === "declined" || known === "missed") return t(`over_${known}`, { name });
  if (known !== undefined) return t(`over_${known}`);
  const seconds = session.call.value?.duration ?? null;
  return seconds === null || seconds === 0 ? t("over") : t("overAfter", { time: clock(seconds) });
}

function deviceText(session: CallSession): string {
  const trouble = session.local.trouble.value;
  if (trouble === null) return "";
  return trouble.kind === "insecure" ? t("insecure") : t(`${trouble.device}_${trouble.kind}`);
}
