/** What this feature asks of the server. */
import { api } from "@/lib/api";
import type { Page, Plan } from "@/lib/api";

export type Tier = Plan["id"];

export interface PaidSubscription {
  plan: Tier;
  /** What the plan gives now: an unpaid one gives basic. */
  tier: Tier;
  status: "active" | "past_due" | "canceled" | "unpaid";
  current_period_end: string | null;
  cancel_at_period_end: boolean;
  /** What it becomes at the end of the period. */
  pending_plan: Tier | null;
  /** Only while `past_due`: when the plan is lost. */
  grace_ends_at: string | null;
  /** It is paid for: it can be changed, canceled and resumed. */
  is_managed: boolean;
  provider: "stripe" | "demo" | "none";
}

export interface Payment {
  id: string;
  /** In the smallest unit of the currency. */
  amount: number;
  refunded_amount: number;
  currency: string;
  status: string;
  purpose: string;
  plan: Tier | null;
  invoice_url: string;
  created_at: string;
}

export type CheckoutState = "paid" | "pending" | "failed" | "expired";

const ROOT = "/api/subscription";

export function loadSubscription(signal?: AbortSignal): Promise<PaidSubscription> {
  return api.get(ROOT, { signal });
}

export async function loadPlans(signal?: AbortSignal): Promise<Plan[]> {
  return (await api.get<Page<Plan>>(`${ROOT}/plans`, { signal })).results;
}

/** `path`: the page after, as the one before named it. */
export function loadPayments(signal?: AbortSignal, path = `${ROOT}/payments`): Promise<Page<Payment>> {
  return api.get(path, { signal });
}

export function loadCheckout(id: string, signal?: AbortSignal): Promise<{ state: CheckoutState }> {
  return api.get(`${ROOT}/checkout/${encodeURIComponent(id)}`, { signal });
}

export function startCheckout(plan: Tier): Promise<{ url: string }> {
  return api.post(`${ROOT}/checkout`, { plan });
}

export function openPortal(): Promise<{ url: string }> {
  return api.post(`${ROOT}/portal`);
}

/** With `payment_url` the change waits for the payment there. */
export function changePlan(plan: Tier): Promise<PaidSubscription & { payment_url: string | null }> {
  return api.post(`${ROOT}/change`, { plan });
}

export function cancelPlan(): Promise<PaidSubscription> {
  return api.post(`${ROOT}/cancel`);
}

export function resumePlan(): Promise<PaidSubscription> {
  return api.post(`${ROOT}/resume`);
}
