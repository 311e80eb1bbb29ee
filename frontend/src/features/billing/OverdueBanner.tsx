import { useEffect } from "preact/hooks";

import { formatDate } from "@/lib/i18n";
import { currentSocket, subscribe } from "@/lib/realtime";
import { Alert } from "@/ui";

import styles from "./billing.module.css";
import { PortalButton } from "./PortalButton";
import { refresh, refreshIfOld, subscription } from "./subscription";
import { t } from "./words";

/** Above every page while a payment is overdue, until it is paid. */
export default function OverdueBanner() {
  useEffect(() => {
    const look = () => {
      if (document.visibilityState === "visible") void refreshIfOld();
    };
    look();
    document.addEventListener("visibilitychange", look);
    return () => document.removeEventListener("visibilitychange", look);
  }, []);

  useEffect(() => subscribe("subscription.updated", () => void refresh()), []);

  // What was told between the first look and this moment was told to nobody.
  const isLive = currentSocket.value?.state.value.state === "live";
  useEffect(() => {
    if (isLive) void refresh();
  }, [isLive]);

  const known = subscription.value;
  if (known === null || !known.is_managed || (known.status !== "past_due" && known.status !== "unpaid")) return null;
  const until = known.grace_ends_at;
  return (
    <div class={styles.banner}>
      <Alert tone="danger" title={t("overdueTitle")} action={<PortalButton variant="primary" label={t("mend")} />}>
        {until === null ? t("overdue") : t("overdueUntil", { date: formatDate(until) })}
      </Alert>
    </div>
  );
}
