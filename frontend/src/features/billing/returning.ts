/** What somebody who comes back from a payment is told, and when to ask again. */
import type { CheckoutState, Plan, Subscription } from "./shapes";

export type Arrival = { kind: "paid"; plan: string } | { kind: "activating" | "pending" | "failed" | "expired" };

/** The payment's page may know that it is paid before the plan does, which follows the payment's notification. */
export function arrived(state: CheckoutState, subscription: Subscription, plans: readonly Plan[]): Arrival {
  if (state !== "paid") return { kind: state };
  if (!subscription.is_managed) return { kind: "activating" };
  return { kind: "paid", plan: plans.find(({ id }) => id === subscription.plan)?.name ?? subscription.plan };
}

const FIRST_MS = 1500;
const SLOWEST_MS = 20_000;
/** About ten minutes; then the button is there. */
const LOOKS = 36;

/** Milliseconds until the next look, ever slower; null when there is nothing to wait for. */
export function nextLook(arrival: Arrival, looks: number): number | null {
  if (arrival.kind !== "pending" && arrival.kind !== "activating") return null;
  return looks >= LOOKS ? null : Math.min(FIRST_MS * 1.4 ** looks, SLOWEST_MS);
}
