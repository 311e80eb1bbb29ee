import { useEffect } from "preact/hooks";

import { clock, useCountdown } from "@/lib/countdown";
import { formatDate } from "@/lib/i18n";
import { Alert, Button, Card, ProgressBar } from "@/ui";

import { pressure } from "./pressure";
import type { Usage } from "./shapes";
import styles from "./usage.module.css";
import { t } from "./words";

const TONES = { calm: "gold", near: "pink", full: "pink" } as const;

export function TokenCard({ usage, onReset }: { usage: Usage; onReset: () => void }) {
  const resetAt = Date.parse(usage.reset_at);
  const left = useCountdown(resetAt);
  const state = pressure(usage);

  useEffect(() => {
    // A window that was over when it was loaded is not asked for again and again.
    if (left === 0 && Date.now() - resetAt < 5000) onReset();
  }, [left, resetAt, onReset]);

  return (
    <Card title={t("tokens")}>
      {state === "near" && <Warning title={t("nearTitle")} text={t("nearText")} tone="warning" />}
      {state === "full" && <Warning title={t("fullTitle")} text={t("fullText")} tone="danger" />}
      <Amount usage={usage} tone={TONES[state]} />
      {usage.tokens_held > 0 && <p class={styles.dim}>{t("held", { count: usage.tokens_held })}</p>}
      <p>
        <strong>{t("resetIn", { time: clock(left) })}</strong>
        <br />
        <span class={styles.dim}>
          {t("resetAt", { when: formatDate(usage.reset_at, { dateStyle: "medium", timeStyle: "short" }) })}
        </span>
      </p>
    </Card>
  );
}

function Amount({ usage, tone }: { usage: Usage; tone: "gold" | "pink" }) {
  if (usage.is_unlimited) return <p class={styles.amount}>{t("usedUnlimited", { used: usage.tokens_used })}</p>;
  return (
    <>
      <p class={styles.amount}>{t("usedOf", { used: usage.tokens_used, limit: usage.tokens_limit })}</p>
      <ProgressBar
        label={t("meter")}
        value={usage.tokens_used + usage.tokens_held}
        max={usage.tokens_limit}
        tone={tone}
      />
    </>
  );
}

function Warning({ title, text, tone }: { title: string; text: string; tone: "warning" | "danger" }) {
  return (
    <Alert tone={tone} title={title} action={<Button href="/app/billing">{t("comparePlans")}</Button>}>
      {text}
    </Alert>
  );
}
