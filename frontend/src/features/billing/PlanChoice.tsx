import { useEffect, useState } from "preact/hooks";

import { errorText } from "@/lib/errorText";
import { formatDate } from "@/lib/i18n";
import { Badge, Button, classes, ConfirmDialog, toast } from "@/ui";

import { cancelPlan, changePlan, changePrice, resumePlan, startCheckout } from "./api";
import styles from "./billing.module.css";
import { choiceFor } from "./choices";
import type { Choice } from "./choices";
import { money } from "./money";
import type { Plan, Subscription } from "./shapes";
import { t } from "./words";

interface PlanChoicesProps {
  plans: readonly Plan[];
  subscription: Subscription;
  /** The plan one came here for. */
  wanted: string | null;
  onChange: (subscription: Subscription) => void;
}

interface Asked {
  plan: Plan;
  choice: Choice;
}

/** All plans side by side, each with what can be done about it; everything that costs or ends something is asked first. */
export function PlanChoices({ plans, subscription, wanted, onChange }: PlanChoicesProps) {
  const [asked, setAsked] = useState<Asked | null>(() => arrival(plans, subscription, wanted));
  const present = plans.find(({ id }) => id === subscription.plan);
  const until = subscription.current_period_end;
  const words = { plan: asked?.plan.name ?? "", price: asked === null ? "" : priceOf(asked.plan) };
  const sum = useSum(asked);
  const date = until === null ? t("endOfPeriod") : formatDate(until);

  const act = async (choice: Choice, plan: Plan) => {
    try {
      const changed = await perform(choice, plan);
      // Without an answer the browser is already leaving for the payment, and the dialog stays until it has.
      if (changed === null) return;
      onChange(changed);
      toast(doneText(choice, plan), { tone: "success" });
    } catch (error) {
      toast(errorText(error), { tone: "danger" });
    }
    setAsked(null);
  };

  return (
    <section class={styles.section} aria-labelledby="plans">
      <h2 id="plans">{t("plans")}</h2>
      <ul class={styles.plans}>
        {plans.map((plan) => {
          const choice = choiceFor(plan, plans, subscription);
          const press = () => (choice === "keep" ? void act(choice, plan) : setAsked({ plan, choice }));
          return <PlanTile key={plan.id} plan={plan} choice={choice} until={until} isPresent={plan === present} onPress={press} />;
        })}
      </ul>
      <ConfirmDialog
        open={asked !== null}
        onClose={() => setAsked(null)}
        title={asked === null ? "" : titleText(asked.choice, words.plan, present)}
        confirmLabel={asked === null ? "" : confirmText(asked.choice)}
        {...(asked?.choice === "cancel" && { cancelLabel: t("keepPresent", { plan: present?.name ?? "" }) })}
        danger={asked?.choice === "cancel"}
        onConfirm={() => (asked === null ? undefined : act(asked.choice, asked.plan))}
      >
        {asked !== null && explanation(asked.choice, { ...words, date, sum, present: present?.name ?? "" })}
      </ConfirmDialog>
    </section>
  );
}

/** What an upgrade charges now, by the provider's own sum; null until it is known, and where it cannot be told. */
function useSum(asked: Asked | null): string | null {
  const [sum, setSum] = useState<string | null>(null);
  const plan = asked?.choice === "upgrade" ? asked.plan.id : null;
  useEffect(() => {
    setSum(null);
    if (plan === null) return;
    const abort = new AbortController();
    changePrice(plan, abort.signal).then(
      ({ amount, currency }) => setSum(money(amount, currency)),
      () => undefined, // the change itself says what is wrong
    );
    return () => abort.abort();
  }, [plan]);
  return sum;
}

interface PlanTileProps {
  plan: Plan;
  choice: Choice;
  until: string | null;
  isPresent: boolean;
  onPress: () => void;
}

function PlanTile({ plan, choice, until, isPresent, onPress }: PlanTileProps) {
  const label = buttonText(choice, plan);
  return (
    <li class={classes(styles.plan, isPresent && styles.present)}>
      <h3>{plan.name}</h3>
      <p class={styles.price}>{plan.price_cents === 0 ? t("free") : t("perMonth", { price: priceOf(plan) })}</p>
      <ul class={styles.features}>
        {plan.features.map((feature) => (
          <li key={feature}>{feature}</li>
        ))}
      </ul>
      {(choice === "current" || choice === "keep") && <Badge tone="gold">{t("current")}</Badge>}
      {choice === "pending" && (
        <Badge tone="cyan">{until === null ? t("pendingSoon") : t("pending", { date: formatDate(until) })}</Badge>
      )}
      {label !== null && (
        <Button variant={choice === "buy" || choice === "upgrade" || choice === "keep" ? "primary" : "ghost"} full onClick={onPress}>
          {label}
        </Button>
      )}
    </li>
  );
}

/** Who came from the prices for a plan is asked about it at once. */
function arrival(plans: readonly Plan[], subscription: Subscription, wanted: string | null): Asked | null {
  const plan = plans.find(({ id }) => id === wanted);
  if (plan === undefined) return null;
  const choice = choiceFor(plan, plans, subscription);
  return choice === "buy" || choice === "upgrade" ? { plan, choice } : null;
}

async function perform(choice: Choice, plan: Plan): Promise<Subscription | null> {
  if (choice === "buy") {
    window.location.assign((await startCheckout(plan.id)).url);
    return null;
  }
  if (choice === "cancel") return cancelPlan();
  if (choice === "keep") return resumePlan();
  const { payment_url: paymentUrl, ...changed } = await changePlan(plan.id);
  if (paymentUrl === null || paymentUrl === "") return changed;
  window.location.assign(paymentUrl);
  return null;
}

function priceOf(plan: Plan): string {
  return money(plan.price_cents, plan.currency);
}

function buttonText(choice: Choice, plan: Plan): string | null {
  switch (choice) {
    case "buy":
    case "upgrade":
    case "downgrade":
      return t(choice, { plan: plan.name });
    case "keep":
      return t("keepPlan", { plan: plan.name });
    case "cancel":
      return t("cancelPlan");
    default:
      return null;
  }
}

function titleText(choice: Choice, plan: string, present: Plan | undefined): string {
  if (choice === "cancel") return t("cancelTitle", { plan: present?.name ?? "" });
  if (choice === "upgrade") return t("upgradeTitle", { plan });
  return choice === "downgrade" ? t("downgradeTitle", { plan }) : t("buyTitle", { plan });
}

interface Explained {
  plan: string;
  price: string;
  date: string;
  present: string;
  sum: string | null;
}

function explanation(choice: Choice, { sum, ...words }: Explained): string {
  if (choice === "cancel") return t("cancelText", { plan: words.present, date: words.date });
  if (choice === "upgrade") return sum === null ? t("upgradeText", words) : t("upgradeSum", { ...words, sum });
  return choice === "downgrade" ? t("downgradeText", words) : t("buyText", words);
}

function confirmText(choice: Choice): string {
  if (choice === "cancel") return t("confirmCancel");
  if (choice === "upgrade") return t("confirmUpgrade");
  return choice === "downgrade" ? t("confirmDowngrade") : t("toPayment");
}

function doneText(choice: Choice, plan: Plan): string {
  if (choice === "cancel") return t("canceled");
  if (choice === "upgrade") return t("upgraded", { plan: plan.name });
  return choice === "keep" ? t("resumed", { plan: plan.name }) : t("planned");
}
