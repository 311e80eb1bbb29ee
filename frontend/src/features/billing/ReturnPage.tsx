import { useEffect, useState } from "preact/hooks";

import { ApiError, isAbort } from "@/lib/api";
import { errorText } from "@/lib/errorText";
import { query } from "@/lib/router";
import { Button, EmptyState, Skeleton } from "@/ui";

import { loadCheckout, loadPlans, loadSubscription } from "./api";
import styles from "./billing.module.css";
import { arrived, nextLook } from "./returning";
import type { Arrival } from "./returning";
import { keepSubscription } from "./subscription";
import { t } from "./words";

/** Where the payment service sends people back to: how the payment stands, asked until it is known. */
export default function ReturnPage() {
  const id = query.value.get("session_id") ?? "";
  const [attempt, setAttempt] = useState(0);
  const [arrival, setArrival] = useState<Arrival | null>(null);
  const [failure, setFailure] = useState<unknown>(null);

  useEffect(() => {
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let looks = 0;
    const look = async () => {
      try {
        const found = await ask(id, abort.signal);
        setFailure(null);
        setArrival(found);
        const delay = nextLook(found, looks);
        looks += 1;
        if (delay !== null) timer = setTimeout(() => void look(), delay);
      } catch (error) {
        if (!isAbort(error)) setFailure(error);
      }
    };
    void look();
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [id, attempt]);

  const again = () => setAttempt((count) => count + 1);
  return (
    <div class={styles.page}>
      <h1>{t("returnTitle")}</h1>
      <div role="status">
        {failure !== null && <Failed error={failure} onAgain={again} />}
        {failure === null && arrival === null && <Skeleton lines={3} label={t("checking")} />}
        {failure === null && arrival !== null && <Shown arrival={arrival} onAgain={again} />}
      </div>
    </div>
  );
}

async function ask(id: string, signal: AbortSignal): Promise<Arrival> {
  const [{ state }, subscription, plans] = await Promise.all([
    loadCheckout(id, signal),
    loadSubscription(signal),
    loadPlans(signal),
  ]);
  keepSubscription(subscription);
  return arrived(state, subscription, plans);
}

function Shown({ arrival, onAgain }: { arrival: Arrival; onAgain: () => void }) {
  const back = (
    <Button href="/app/billing" variant="primary">
      {t("toBilling")}
    </Button>
  );
  switch (arrival.kind) {
    case "paid":
      return (
        <EmptyState icon="check" title={t("returnPaid")} action={back}>
          {t("returnPaidText", { plan: arrival.plan })}
        </EmptyState>
      );
    case "activating":
    case "pending":
      return (
        <EmptyState
          icon="clock"
          title={t(arrival.kind === "pending" ? "returnPending" : "returnActivating")}
          action={<Button onClick={onAgain}>{t("lookAgain")}</Button>}
        >
          {t(arrival.kind === "pending" ? "returnPendingText" : "returnActivatingText")}
        </EmptyState>
      );
    case "failed":
      return (
        <EmptyState icon="warning" title={t("returnFailed")} action={back}>
          {t("returnFailedText")}
        </EmptyState>
      );
    case "expired":
      return (
        <EmptyState icon="clock" title={t("returnExpired")} action={back}>
          {t("returnExpiredText")}
        </EmptyState>
      );
  }
}

function Failed({ error, onAgain }: { error: unknown; onAgain: () => void }) {
  const isUnknown = error instanceof ApiError && error.status === 404;
  const action = isUnknown ? (
    <Button href="/app/billing">{t("toBilling")}</Button>
  ) : (
    <Button onClick={onAgain}>{t("lookAgain")}</Button>
  );
  return (
    <EmptyState icon="warning" title={isUnknown ? t("returnUnknown") : t("failed")} action={action}>
      {isUnknown ? t("returnUnknownText") : errorText(error)}
    </EmptyState>
  );
}
