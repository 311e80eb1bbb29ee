import { useState } from "preact/hooks";

import { ApiError } from "@/lib/api";
import { errorText } from "@/lib/errorText";
import { formatDate } from "@/lib/i18n";
import { Alert, Button } from "@/ui";

import styles from "./AuthForm.module.css";
import { t } from "./words";

/** When the account goes, if that is why a sign-in was refused. */
export function goesAt(error: unknown): string | null {
  if (!(error instanceof ApiError) || error.code !== "deletion_scheduled") return null;
  return typeof error.context.deletion_at === "string" ? error.context.deletion_at : null;
}

interface Props {
  at: string;
  /** Signs in and takes the deletion back. */
  keep: () => Promise<void>;
}

/** Somebody asked that their account goes, and is at the door again. */
export function KeepAccount({ at, keep }: Props) {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);

  const press = async () => {
    setBusy(true);
    setFailure(null);
    try {
      await keep();
    } catch (error) {
      setFailure(error);
    } finally {
      setBusy(false);
    }
  };

  return (
    <div class={styles.form}>
      <Alert tone="warning" title={t("goesTitle", { date: formatDate(at) })}>
        {t("goesText")}
      </Alert>
      {failure !== null && (
        <Alert tone="danger" title={t("failed")}>
          {errorText(failure)}
        </Alert>
      )}
      <Button variant="primary" full loading={busy} onClick={press}>
        {t("keepAccount")}
      </Button>
    </div>
  );
}
