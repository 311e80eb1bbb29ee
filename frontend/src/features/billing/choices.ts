/** What one can do with a plan, given the one there is. */
import type { Plan, Subscription, Tier } from "./shapes";

/**
 * `buy`: nothing is paid yet. `upgrade`: at once. `downgrade` and `cancel`: with the period. `keep`: take back what was
 * planned for the end of the period. `pending`: it comes with the next period.
 */
export type Choice = "current" | "buy" | "upgrade" | "downgrade" | "cancel" | "keep" | "pending" | "none";

export function choiceFor(plan: Plan, plans: readonly Plan[], subscription: Subscription): Choice {
  const isFree = plan.price_cents === 0;
  if (subscription.provider === "none") return plan.id === subscription.plan ? "current" : "none";
  if (!subscription.is_managed) {
    if (plan.id === subscription.tier) return "current";
    return isFree ? "none" : "buy";
  }
  if (plan.id === subscription.plan) return endsOrChanges(subscription) ? "keep" : "current";
  if (comesNext(subscription, plans) === plan.id) return "pending";
  if (isFree) return "cancel";
  const present = plans.find(({ id }) => id === subscription.plan);
  return plan.price_cents > (present?.price_cents ?? 0) ? "upgrade" : "downgrade";
}

/** Which plan the next period brings, when it is not the present one. */
export function comesNext(subscription: Subscription, plans: readonly Plan[]): Tier | null {
  if (!subscription.is_managed) return null;
  if (subscription.cancel_at_period_end) return plans.find(({ price_cents: price }) => price === 0)?.id ?? null;
  return subscription.pending_plan;
}

function endsOrChanges(subscription: Subscription): boolean {
  return subscription.cancel_at_period_end || subscription.pending_plan !== null;
}
