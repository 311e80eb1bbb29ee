import { formatDate } from "@/lib/i18n";
import { useResource } from "@/lib/resource";
import { query } from "@/lib/router";
import { Alert, Badge, Button, Loaded } from "@/ui";

import { loadPlans, loadSubscription } from "./api";
import styles from "./billing.module.css";
import { comesNext } from "./choices";
import { PaymentList } from "./PaymentList";
import { PlanChoices } from "./PlanChoice";
import { PortalButton } from "./PortalButton";
import type { Plan, Subscription } from "./shapes";
import { keepSubscription } from "./subscription";
import { t } from "./words";

interface BillingData {
  subscription: Subscription;
  plans: Plan[];
}

async function loadBilling(signal: AbortSignal): Promise<BillingData> {
  const [subscription, plans] = await Promise.all([loadSubscription(signal), loadPlans(signal)]);
  keepSubscription(subscription);
  return { subscription, plans };
}

export default function BillingPage() {
  const billing = useResource(loadBilling);
  return (
    <div class={styles.page}>
      <header class={styles.head}>
        <h1>{t("billing")}</h1>
        {billing.data?.subscription.provider === "demo" && <Badge tone="pink">{t("demoBadge")}</Badge>}
      </header>
      {query.value.get("checkout") === "cancelled" && (
        <Alert title={t("checkoutCancelled")}>{t("checkoutCancelledText")}</Alert>
      )}
      <Loaded from={billing} lines={6}>
        {(data) => (
          <>
            <Standing {...data} />
            <PlanChoices
              {...data}
              wanted={query.value.get("plan")}
              onChange={(subscription) => {
                keepSubscription(subscription);
                billing.set({ ...data, subscription });
              }}
            />
            <PaymentList key={`${data.subscription.plan} ${data.subscription.status}`} />
          </>
        )}
      </Loaded>
    </div>
  );
}

/** What is to come, and the ways out of here. */
function Standing({ subscription, plans }: BillingData) {
  const name = (id: string) => plans.find((plan) => plan.id === id)?.name ?? id;
  const next = comesNext(subscription, plans);
  const plan = name(subscription.plan);
  const end = subscription.current_period_end;
  const date = end === null ? t("endOfPeriod") : formatDate(end);
  return (
    <>
      {subscription.provider === "none" && <p class={styles.dim}>{t("off")}</p>}
      {subscription.cancel_at_period_end && <Alert tone="warning" title={t("endsText", { plan, date })} />}
      {!subscription.cancel_at_period_end && next !== null && (
        <Alert title={t("changesText", { plan, next: name(next), date })} />
      )}
      <div class={styles.ways}>
        <Button href="/app/usage" icon="chart">
          {t("toUsage")}
        </Button>
        <Button href="/app/billing/orders" icon="file">
          {t("toOrders")}
        </Button>
        {subscription.is_managed && <PortalButton label={t("portal")} />}
      </div>
    </>
  );
}
