import { api } from "@/lib/api";
import type { Page, Plan, Subscription, Usage } from "@/lib/api";
import { hasModule } from "@/lib/config";
import { errorText } from "@/lib/errorText";
import { formatNumber } from "@/lib/i18n";
import { useResource } from "@/lib/resource";
import { Alert, Button, Card, EmptyState, Skeleton } from "@/ui";

import { PlanCard } from "./PlanCard";
import { lastDays } from "./series";
import { TokenCard } from "./TokenCard";
import { UsageChart } from "./UsageChart";
import styles from "./usage.module.css";
import { featureName, t } from "./words";

const DAYS = 30;

interface Loaded {
  usage: Usage;
  subscription: Subscription;
  /** What the subscription is to; undefined for a plan that is no longer sold. */
  plan: Plan | undefined;
}

async function loadUsage(signal: AbortSignal): Promise<Loaded> {
  const [usage, subscription, plans] = await Promise.all([
    api.get<Usage>(`/api/subscription/usage?days=${DAYS}`, { signal }),
    api.get<Subscription>("/api/subscription", { signal }),
    api.get<Page<Plan>>("/api/subscription/plans", { signal }),
  ]);
  return { usage, subscription, plan: plans.results.find(({ id }) => id === subscription.plan) };
}

export default function UsagePage() {
  const { data, error, reload } = useResource(loadUsage);
  return (
    <div class={styles.page}>
      <h1>{t("title")}</h1>
      {error !== null && (
        <Alert tone="danger" title={t("failed")} action={<Button onClick={reload}>{t("tryAgain")}</Button>}>
          {errorText(error)}
        </Alert>
      )}
      {data === null && error === null && <Skeleton lines={6} />}
      {data !== null && (
        <>
          <div class={styles.cards}>
            <TokenCard usage={data.usage} onReset={reload} />
            <PlanCard subscription={data.subscription} plan={data.plan} />
          </div>
          <History usage={data.usage} />
        </>
      )}
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
