/** What this feature asks of the server. */
import { api } from "@/lib/api";
import type { CheckoutState as CheckoutStateOf, Page, Payment, Plan, Subscription } from "@/lib/api";

export type Tier = Plan["id"];

export type CheckoutState = CheckoutStateOf["state"];

const ROOT = "/api/subscription";

export function loadSubscription(signal?: AbortSignal): Promise<Subscription> {
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
export function changePlan(plan: Tier): Promise<Subscription & { payment_url: string | null }> {
  return api.post(`${ROOT}/change`, { plan });
}

export function cancelPlan(): Promise<Subscription> {
  return api.post(`${ROOT}/cancel`);
}

export function resumePlan(): Promise<Subscription> {
  return api.post(`${ROOT}/resume`);
}
