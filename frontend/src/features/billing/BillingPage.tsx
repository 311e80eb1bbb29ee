import type { Plan, Subscription } from "@/lib/api";
import { errorText } from "@/lib/errorText";
import { formatDate } from "@/lib/i18n";
import { useResource } from "@/lib/resource";
import { query } from "@/lib/router";
import { Alert, Badge, Button, Skeleton } from "@/ui";

import { loadPlans, loadSubscription } from "./api";
import styles from "./billing.module.css";
import { comesNext } from "./choices";
import { PaymentList } from "./PaymentList";
import { PlanChoices } from "./PlanChoice";
import { PortalButton } from "./PortalButton";
import { keepSubscription } from "./subscription";
import { t } from "./words";

interface Loaded {
  subscription: Subscription;
  plans: Plan[];
}

async function loadBilling(signal: AbortSignal): Promise<Loaded> {
  const [subscription, plans] = await Promise.all([loadSubscription(signal), loadPlans(signal)]);
  keepSubscription(subscription);
  return { subscription, plans };
}

export default function BillingPage() {
  const { data, error, reload, set } = useResource(loadBilling);
  return (
    <div class={styles.page}>
      <header class={styles.head}>
        <h1>{t("billing")}</h1>
        {data?.subscription.provider === "demo" && <Badge tone="pink">{t("demoBadge")}</Badge>}
      </header>
      {query.value.get("checkout") === "cancelled" && (
        <Alert title={t("checkoutCancelled")}>{t("checkoutCancelledText")}</Alert>
      )}
      {error !== null && (
        <Alert tone="danger" title={t("failed")} action={<Button onClick={reload}>{t("tryAgain")}</Button>}>
          {errorText(error)}
        </Alert>
      )}
      {data === null && error === null && <Skeleton lines={6} />}
      {data !== null && (
        <>
          <Standing {...data} />
          <PlanChoices
            {...data}
            wanted={query.value.get("plan")}
            onChange={(subscription) => {
              keepSubscription(subscription);
              set({ ...data, subscription });
            }}
          />
          <PaymentList key={`${data.subscription.plan} ${data.subscription.status}`} />
        </>
      )}
    </div>
  );
}

/** What is to come, and the ways out of here. */
function Standing({ subscription, plans }: Loaded) {
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
        {subscription.is_managed && <PortalButton label={t("portal")} />}
      </div>
    </>
  );
}
