import { useEffect, useState } from "preact/hooks";

import { ApiError } from "@/lib/api";
import { clock, useCountdown } from "@/lib/countdown";
import { errorText } from "@/lib/errorText";
import { Button, EmptyState, GlitchText } from "@/ui";

import styles from "./Shell.module.css";
import { startClient, startError } from "./start";
import { t } from "./words";

export function Starting() {
  return (
    <div class={styles.start} role="status" aria-label={t("starting")}>
      <span class={styles.startName}>
        <GlitchText text="KINTSUGI" />
      </span>
    </div>
  );
}

/** The server could not say who is here; nobody is signed out for that, so all there is to do is ask again. */
export function StartFailed() {
  const error = startError.value;
  const [until, setUntil] = useState<number | null>(null);
  const [busy, setBusy] = useState(false);
  const left = useCountdown(until);

  useEffect(() => {
    setUntil(error instanceof ApiError && error.retryAfter !== null ? Date.now() + error.retryAfter * 1000 : null);
  }, [error]);

  const retry = async () => {
    setBusy(true);
    await startClient();
    setBusy(false);
  };

  const button = (
    <Button variant="primary" icon="refresh" loading={busy} disabled={left > 0} onClick={retry}>
      {left > 0 ? t("tryAgainIn", { time: clock(left) }) : t("tryAgain")}
    </Button>
  );
  return (
    <main class={styles.start}>
      <EmptyState icon="warning" title={t("startFailed")} action={button}>
        {errorText(error)}
      </EmptyState>
    </main>
  );
}
