import { useState } from "preact/hooks";

import { acceptGrant, api } from "@/lib/api";
import { errorText } from "@/lib/errorText";
import { Alert, Button } from "@/ui";

import styles from "./AuthForm.module.css";
import { goesAt, KeepAccount } from "./KeepAccount";
import { t } from "./words";

/** Inside Telegram nothing need be typed: it says who is there. */
export function TelegramButton({ initData }: { initData: string }) {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);

  const enter = async (restore: boolean) => {
    acceptGrant(await api.post("/api/auth/telegram", { body: { init_data: initData, restore } }));
  };
  const press = async () => {
    setBusy(true);
    setFailure(null);
    try {
      await enter(false);
    } catch (error) {
      setFailure(error);
    } finally {
      setBusy(false);
    }
  };

  const at = goesAt(failure);
  if (at !== null) return <KeepAccount at={at} keep={() => enter(true)} />;
  return (
    <div class={styles.form}>
      {failure !== null && (
        <Alert tone="danger" title={t("failed")}>
          {errorText(failure)}
        </Alert>
      )}
      <Button variant="primary" full loading={busy} onClick={press}>
        {t("withTelegram")}
      </Button>
    </div>
  );
}
