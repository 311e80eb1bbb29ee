import { useEffect } from "preact/hooks";

import { hasModule } from "@/lib/config";
import { clock, useCountdown } from "@/lib/countdown";
import { formatNumber } from "@/lib/i18n";
import { classes, ProgressBar } from "@/ui";

import { refreshUsage, usage } from "../model/usage";
import type { Usage } from "../shapes";
import { t } from "../words";
import styles from "./composer.module.css";

const LOW_SHARE = 0.8;

export function TokenBar() {
  useEffect(() => void refreshUsage(), []);
  if (usage.value === null) return hasModule("billing") ? <div class={classes(styles.tokens, styles.tokensRoom)} /> : null;
  return usage.value.is_unlimited ? (
    <p class={classes(styles.tokens, styles.tokensRoom)}>{t("tokensUnlimited", { used: usage.value.tokens_used })}</p>
  ) : (
    <Limited usage={usage.value} />
  );
}

function Limited({ usage: { tokens_used: used, tokens_limit: limit, reset_at: resetAt } }: { usage: Usage }) {
  const left = useCountdown(Date.parse(resetAt));
  const share = limit === 0 ? 1 : used / limit;
  const level = share >= 1 ? "gone" : share >= LOW_SHARE ? "low" : "fine";

  useEffect(() => {
    if (left === 0) void refreshUsage();
  }, [left]);

  return (
    <div class={classes(styles.tokens, styles.tokensRoom, level !== "fine" && styles.warn)}>
      <ProgressBar
        value={used}
        max={Math.max(limit, 1)}
        label={t("tokenBar")}
        tone={level === "fine" ? "cyan" : "pink"}
      />
      <p>
        {level !== "fine" && <strong>{t(level === "gone" ? "tokensGone" : "tokensLow")} · </strong>}
        {t("tokens", { used: formatNumber(used), limit: formatNumber(limit) })}
        {left > 0 && ` · ${t("resets", { time: clock(left) })}`}
        {level !== "fine" && (
          <>
            {" · "}
            <a href="/app/billing">{t("upgrade")}</a>
          </>
        )}
      </p>
    </div>
  );
}
