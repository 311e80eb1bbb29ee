import { cleanup, fireEvent, render, screen, waitFor } from "@/lib/testing/library";
import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { setLanguage } from "@/lib/i18n";
import { navigate } from "@/lib/router";
import { installPopover } from "@/lib/testing/popover";
import { json, refusal, serve } from "@/lib/testing/serve";
import type { Handler } from "@/lib/testing/serve";
import { ToastRegion } from "@/ui";

import OrdersPage from "./OrdersPage";
import type { Order } from "./shapes";

const ID = "33333333-3333-4333-8333-333333333333";
const OPEN = {
  id: ID,
  title: "contract.pdf",
  state: "open",
  amount: 1250,
  currency: "USD",
  units: 10,
  delivered: 0,
  rest: 0,
  refunded: 0,
  created_at: "2026-03-01T09:00:00Z",
  expires_at: "2026-03-02T09:00:00Z",
  paid_at: null,
} as unknown as Order;
const LIST = "GET /api/orders";
const heard = vi.hoisted(() => ({ tell: (): void => undefined }));

vi.mock("@/lib/realtime", async (original) => ({
  ...(await original<object>()),
  subscribe: (_: string, listener: () => void) => {
    heard.tell = listener;
    return () => undefined;
  },
}));

function show(order: Order, routes: Record<string, Handler> = {}) {
  let now = order;
  const server = serve({ [LIST]: () => json({ results: [now], next: null, previous: null }), ...routes });
  render(
    <>
      <OrdersPage />
      <ToastRegion />
    </>,
  );
  return { server, becomes: (next: Partial<Order>) => (now = { ...now, ...next }) };
}

beforeEach(() => {
  installPopover();
  setLanguage("en");
  navigate("/app/billing/orders");
});
afterEach(cleanup);

// First, as what the toasts of other tests say would still be there.
it("speaks Ukrainian in every word of its own", async () => {
  setLanguage("uk");
  const { becomes } = show({ ...OPEN, title: "Договір" });
  await screen.findByText("Договір");
  fireEvent.click(screen.getByRole("button", { name: "Скасувати" }));
  const words = () => document.body.textContent.replaceAll("USD", "");
  expect(words()).not.toMatch(/[A-Za-z]/);
  becomes({ state: "done", paid_at: "2026-03-01T10:00:00Z", delivered: 6, rest: 500, refunded: 200 });
  heard.tell();
  await screen.findByText(/повертається|дорозі/);
  expect(words()).not.toMatch(/[A-Za-z]/);
});

it("says what is to be paid, until when, and leads to where it is paid", async () => {
  const pay = vi.fn(() => json({ url: `${window.location.origin}/#pay` }));
  show(OPEN, { [`POST /api/orders/${ID}/pay`]: pay });
  expect(await screen.findByText("contract.pdf")).toBeTruthy();
  expect(screen.getByText(/\$12\.50 · .*To be paid until/)).toBeTruthy();
  fireEvent.click(screen.getByRole("button", { name: "Pay $12.50" }));
  await waitFor(() => expect(window.location.hash).toBe("#pay"));
  expect(pay).toHaveBeenCalledOnce();
});

it("asks before it ends an order, with a way out that does not say the same", async () => {
  const cancelled = json({ ...OPEN, state: "cancelled" });
  show(OPEN, { [`POST /api/orders/${ID}/cancel`]: () => cancelled });
  fireEvent.click(await screen.findByRole("button", { name: "Cancel" }));
  expect(screen.getByRole("button", { name: "Keep the order" })).toBeTruthy();
  fireEvent.click(screen.getByRole("button", { name: "End the order" }));
  expect(await screen.findByText("Cancelled")).toBeTruthy();
  expect(screen.queryByRole("button", { name: /Pay/ })).toBeNull();
});

it("reads the list anew when an order cannot be ended any more", async () => {
  const { becomes } = show(OPEN, { [`POST /api/orders/${ID}/cancel`]: () => refusal(409, "order_conflict") });
  fireEvent.click(await screen.findByRole("button", { name: "Cancel" }));
  becomes({ state: "paid", paid_at: "2026-03-01T10:00:00Z", delivered: 3 });
  fireEvent.click(screen.getByRole("button", { name: "End the order" }));
  // Seen, and said to screen readers.
  expect(await screen.findAllByText("Refused: order_conflict.")).not.toEqual([]);
  expect(await screen.findByText(/3 of 10 delivered/)).toBeTruthy();
});

it("tells who comes back from the payment how it stands, and follows the order", async () => {
  navigate(`/app/billing/orders?order=${ID}`);
  const { becomes } = show(OPEN);
  expect(await screen.findByText("The payment is being confirmed")).toBeTruthy();
  becomes({ state: "paid", paid_at: "2026-03-01T10:00:00Z" });
  heard.tell();
  expect(await screen.findByText("Thank you, it is paid")).toBeTruthy();
  expect(screen.getByRole("progressbar", { name: "How much of “contract.pdf” is delivered" })).toBeTruthy();
});

it("says what is on its way back, and what came", async () => {
  show({ ...OPEN, state: "done", paid_at: "2026-03-01T10:00:00Z", delivered: 6, rest: 500, refunded: 200 });
  expect(await screen.findByText(/\$2\.00.*\$3\.00 is on its way back/)).toBeTruthy();
});
