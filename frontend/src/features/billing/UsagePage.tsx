import { api } from "@/lib/api";
import { hasModule } from "@/lib/config";
import { formatNumber } from "@/lib/i18n";
import { useResource } from "@/lib/resource";
import { Button, Card, EmptyState, Loaded } from "@/ui";

import { loadPlans, loadSubscription } from "./api";
import { PlanCard } from "./PlanCard";
import { lastDays } from "./series";
import type { Plan, Subscription, Usage } from "./shapes";
import { TokenCard } from "./TokenCard";
import styles from "./usage.module.css";
import { UsageChart } from "./UsageChart";
import { featureName, t } from "./words";

const DAYS = 30;

interface UsageData {
  usage: Usage;
  subscription: Subscription;
  /** What the subscription is to; undefined for a plan that is no longer sold. */
  plan: Plan | undefined;
}

async function loadUsage(signal: AbortSignal): Promise<UsageData> {
  const [usage, subscription, plans] = await Promise.all([
    api.get("/api/subscription/usage", { query: { days: DAYS }, signal }),
    loadSubscription(signal),
    loadPlans(signal),
  ]);
  return { usage, subscription, plan: plans.find(({ id }) => id === subscription.plan) };
}

export default function UsagePage() {
  const usage = useResource(loadUsage);
  return (
    <div class={styles.page}>
      <h1>{t("title")}</h1>
      <Loaded from={usage} lines={6}>
        {(data) => (
          <>
            <div class={styles.cards}>
              <TokenCard usage={data.usage} onReset={usage.reload} />
              <PlanCard subscription={data.subscription} plan={data.plan} />
            </div>
            <History usage={data.usage} />
          </>
        )}
      </Loaded>
    </div>
  );
}

function History({ usage }: { usage: Usage }) {
  const days = lastDays(usage.by_day, DAYS, new Date());
  if (days.every((day) => day.total === 0)) return <NothingYet />;
  return (
    <>
      <Card title={`${t("byDay")} · ${t("lastDays", { count: DAYS })}`}>
        <UsageChart days={days} />
      </Card>
      <Card title={t("byFeature")}>
        <ul class={styles.features}>
          {usage.by_feature.map((row) => (
            <li key={row.feature}>
              <strong>{featureName(row.feature)}</strong>
              <span>{formatNumber(row.tokens)}</span>
              <span class={styles.dim}>{t("requests", { count: row.requests })}</span>
            </li>
          ))}
        </ul>
      </Card>
    </>
  );
}

function NothingYet() {
  const start = hasModule("aichat") && (
    <Button variant="primary" icon="chat" href="/app/chat">
      {t("startChat")}
    </Button>
  );
  return (
    <EmptyState icon="chart" title={t("emptyTitle")} action={start}>
      {t("emptyText")}
    </EmptyState>
  );
}
