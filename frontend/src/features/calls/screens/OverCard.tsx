import { useEffect, useLayoutEffect, useRef } from "preact/hooks";

import { Button } from "@/ui";

import styles from "../layer.module.css";
import type { Calls, CallSession } from "../model";
import { begin } from "../view";
import { lastWords } from "./lastWords";
import { t } from "./words";

/** What needs no answer leaves by itself. */
const SHOWN_MS = 6_000;
/** The last word about a call. */
export function OverCard({ session, all }: { session: CallSession; all: Calls }) {
  const card = useRef<HTMLDivElement>(null);
  const over = session.over.value;
  const reason = over !== null && "reason" in over ? over.reason : null;
  const isSilent = reason === "elsewhere" || reason === "signed_out";
  const words = over === null ? null : lastWords(over, session.options.title, session.call.value?.duration ?? null);
  const canRepeat = words !== null && words.again !== null;

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

  if (words === null || isSilent) return null;
  return (
    <div ref={card} popover="manual" class={styles.over} role="status">
      <p>
        <strong dir="auto">{words.text}</strong>
      </p>
      {reason === "no_microphone" && <p>{deviceText(session)}</p>}
      {words.why !== null && <p>{words.why}</p>}
      <div class={styles.ringButtons}>
        {words.again !== null && (
          <Button variant="primary" icon="phone" onClick={() => begin(session.options, session.options.callType)}>
            {words.again}
          </Button>
        )}
        <Button onClick={() => all.dismiss()}>{t("close")}</Button>
      </div>
    </div>
  );
}

/** Nobody was called, so nothing is said of what others hear. */
function deviceText(session: CallSession): string {
  const kind = session.local.trouble.value?.kind;
  if (kind === undefined) return "";
  return kind === "insecure" ? t("insecure") : t(`uncalled_${kind}`);
}
