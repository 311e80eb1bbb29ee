/** What this feature asks of the server. */
import { api } from "@/lib/api";
import type { Page } from "@/lib/api";

import type { ChangedSubscription, ChangePrice, CheckoutState, Order, Payment, Plan, Subscription, Tier } from "./shapes";

export function loadSubscription(signal?: AbortSignal): Promise<Subscription> {
  return api.get("/api/subscription", { signal });
}

export async function loadPlans(signal?: AbortSignal): Promise<Plan[]> {
  return (await api.get("/api/subscription/plans", { signal })).results;
}

export function loadPayments(signal?: AbortSignal): Promise<Page<Payment>> {
  return api.get("/api/subscription/payments", { signal });
}

export function loadOrders(signal?: AbortSignal): Promise<Page<Order>> {
  return api.get("/api/orders", { signal });
}

/** Where an open order is paid. */
export function payOrder(id: string): Promise<{ url: string }> {
  return api.post("/api/orders/{order_id}/pay", { path: { order_id: id } });
}

export function cancelOrder(id: string): Promise<Order> {
  return api.post("/api/orders/{order_id}/cancel", { path: { order_id: id } });
}

export function loadCheckout(id: string, signal?: AbortSignal): Promise<{ state: CheckoutState }> {
  return api.get("/api/subscription/checkout/{session_id}", { path: { session_id: id }, signal });
}

export function startCheckout(plan: Tier): Promise<{ url: string }> {
  return api.post("/api/subscription/checkout", { body: { plan } });
}

export function openPortal(): Promise<{ url: string }> {
  return api.post("/api/subscription/portal");
}

/** With `payment_url` the change waits for the payment there. */
export function changePlan(plan: Tier): Promise<ChangedSubscription> {
  return api.post("/api/subscription/change", { body: { plan } });
}

/** What a change to a larger plan would charge now. */
export function changePrice(plan: Tier, signal: AbortSignal): Promise<ChangePrice> {
  return api.post("/api/subscription/change/price", { body: { plan }, signal });
}

export function cancelPlan(): Promise<Subscription> {
  return api.post("/api/subscription/cancel");
}

export function resumePlan(): Promise<Subscription> {
  return api.post("/api/subscription/resume");
}
