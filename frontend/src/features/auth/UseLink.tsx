import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";

import { ApiError } from "@/lib/api";
import { errorText } from "@/lib/errorText";
import { Alert, Button } from "@/ui";

import styles from "./AuthForm.module.css";
import { t } from "./words";

interface Props {
  text: ComponentChildren;
  label: string;
  /** Where a new link is to be had; none when only the settings can send one. */
  renewPath: string;
  spend: () => Promise<void>;
}

/** A button that spends a mailed link: programs that look into mail open links, but press nothing. */
export function UseLink({ text, label, renewPath, spend }: Props) {
  const [failure, setFailure] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);

  const press = async () => {
    setBusy(true);
    setFailure(null);
    try {
      await spend();
    } catch (error) {
      setFailure(error);
    } finally {
      setBusy(false);
    }
  };

  if (isExpired(failure)) return <Expired renewPath={renewPath} />;
  return (
    <div class={styles.form}>
      <p>{text}</p>
      {failure !== null && (
        <Alert tone="danger" title={t("failed")}>
          {sentence(failure)}
        </Alert>
      )}
      <Button variant="primary" full loading={busy} onClick={press}>
        {label}
      </Button>
    </div>
  );
}

export function Expired({ renewPath }: { renewPath: string }) {
  return (
    <Alert tone="warning" title={t("expiredTitle")} action={<Button href={renewPath}>{t("newLink")}</Button>}>
      {t("expiredText")}
    </Alert>
  );
}

export function isExpired(error: unknown): boolean {
  return error instanceof ApiError && error.code === "link_expired";
}

function sentence(error: unknown): string {
  if (error instanceof ApiError && error.code === "account_disabled") return t("disabled");
  if (error instanceof ApiError && error.code === "duplicate") return t("emailTaken");
  return errorText(error);
}
