import { formatDate, formatNumber } from "@/lib/i18n";
import { Badge, Button, Card } from "@/ui";

import type { Plan, Subscription } from "./shapes";
import styles from "./usage.module.css";
import { t } from "./words";

export function PlanCard({ subscription, plan }: { subscription: Subscription; plan: Plan | undefined }) {
  const { status } = subscription;
  return (
    <Card title={t("plan")}>
      <p class={styles.planName}>
        {plan?.name ?? subscription.plan} <Badge tone={status === "active" ? "cyan" : "pink"}>{t(`status_${status}`)}</Badge>
      </p>
      <ul class={styles.facts}>
        {plan && <li>{price(plan)}</li>}
        {plan && <li>{allowance(plan)}</li>}
        {subscription.current_period_end !== null && <li>{periodEnd(subscription, subscription.current_period_end)}</li>}
      </ul>
      <Button href="/app/billing">{t("toBilling")}</Button>
    </Card>
  );
}

function price(plan: Plan): string {
  if (plan.price_cents === 0) return t("free");
  const amount = formatNumber(plan.price_cents / 100, { style: "currency", currency: plan.currency });
  return t("perMonth", { price: amount });
}

function allowance(plan: Plan): string {
  if (plan.tokens_limit < 0) return t("unlimitedTokens");
  return t("perWindow", { tokens: plan.tokens_limit, count: Math.round(plan.reset_interval_seconds / 3600) });
}

function periodEnd(subscription: Subscription, end: string): string {
  const date = formatDate(end);
  return subscription.cancel_at_period_end ? t("ends", { date }) : t("renews", { date });
}
