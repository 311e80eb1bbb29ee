import { cleanup, fireEvent, render, screen, waitFor } from "@/lib/testing/library";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { setLanguage } from "@/lib/i18n";

import { choiceFor, comesNext } from "./choices";
import { money } from "./money";
import { PlanChoices } from "./PlanChoice";
import { arrived, nextLook } from "./returning";
import type { Plan, Subscription } from "./shapes";

const plan = (id: Plan["id"], price: number): Plan => ({
  id,
  name: id === "premium_pro" ? "PRO" : id,
  price_cents: price,
  currency: "USD",
  tokens_limit: 1,
  reset_interval_seconds: 3600,
  call_minutes: 1,
  agents: 1,
  features: [],
});
const BASIC = plan("basic", 0);
const PRO = plan("premium_pro", 1000);
const UNLIMITED = plan("unlimited", 5000);
const PLANS = [BASIC, PRO, UNLIMITED];

const FREE: Subscription = {
  plan: "basic",
  tier: "basic",
  status: "active",
  current_period_start: null,
  current_period_end: null,
  cancel_at_period_end: false,
  pending_plan: null,
  grace_ends_at: null,
  is_managed: false,
  provider: "demo",
};
const PAID: Subscription = { ...FREE, plan: "premium_pro", tier: "premium_pro", is_managed: true, current_period_end: "2026-03-01T00:00:00Z" };

const choices = (subscription: Subscription) => PLANS.map((each) => choiceFor(each, PLANS, subscription));

describe("what can be done with each plan", () => {
  it.each<[string, Subscription, string[]]>([
    ["nothing is paid", FREE, ["current", "buy", "buy"]],
    ["a plan was given", { ...FREE, plan: "premium_pro", tier: "premium_pro" }, ["none", "current", "buy"]],
    ["one is paid", PAID, ["cancel", "current", "upgrade"]],
    ["the largest is paid", { ...PAID, plan: "unlimited" }, ["cancel", "downgrade", "current"]],
    ["it is canceled", { ...PAID, cancel_at_period_end: true }, ["pending", "keep", "upgrade"]],
    ["a smaller one comes", { ...PAID, plan: "unlimited", pending_plan: "premium_pro" }, ["cancel", "pending", "keep"]],
    ["no payments are taken", { ...FREE, provider: "none" }, ["current", "none", "none"]],
  ])("when %s", (_, subscription, expected) => expect(choices(subscription)).toEqual(expected));

  it("knows what comes with the next period", () => {
    expect(comesNext({ ...PAID, cancel_at_period_end: true }, PLANS)).toBe("basic");
    expect(comesNext(PAID, PLANS)).toBeNull();
  });
});

describe("coming back from a payment", () => {
  it("calls it paid once the plan is there", () => {
    expect(arrived("paid", PAID, PLANS)).toEqual({ kind: "paid", plan: "PRO" });
    expect(arrived("paid", FREE, PLANS)).toEqual({ kind: "activating" });
    expect(arrived("expired", FREE, PLANS)).toEqual({ kind: "expired" });
  });

  it("asks ever slower while it is open, and ends", () => {
    expect(nextLook({ kind: "failed" }, 0)).toBeNull();
    expect(nextLook({ kind: "pending" }, 3)).toBeGreaterThan(nextLook({ kind: "activating" }, 0) ?? 0);
    expect(nextLook({ kind: "pending" }, 36)).toBeNull();
  });
});

it("knows how many digits a currency has", () => {
  setLanguage("en");
  expect(money(1050, "USD")).toBe("$10.50");
  expect(money(1050, "JPY")).toBe("¥1,050");
});

describe("the plans", () => {
  const fetched = vi.fn<(url: string, init: RequestInit) => Promise<Response>>();
  const onChange = vi.fn();

  beforeEach(() => {
    setLanguage("en");
    vi.clearAllMocks();
    vi.stubGlobal("fetch", fetched);
  });
  afterEach(cleanup);

  const show = (subscription: Subscription, wanted: string | null = null) =>
    render(<PlanChoices plans={PLANS} subscription={subscription} wanted={wanted} onChange={onChange} />);

  it("ask before they cancel, and say until when the plan is kept", async () => {
    const canceled = { ...PAID, cancel_at_period_end: true };
    fetched.mockResolvedValue(new Response(JSON.stringify(canceled)));
    show(PAID);
    fireEvent.click(screen.getByRole("button", { name: "Cancel the plan" }));
    expect(await screen.findByText(/You keep PRO until Mar 1, 2026/)).toBeTruthy();
    expect(fetched).not.toHaveBeenCalled();
    expect(screen.getByRole("button", { name: "Keep PRO" })).toBe(document.activeElement);
    expect(screen.queryByRole("button", { name: "Cancel" })).toBeNull();
    fireEvent.click(screen.getByRole("button", { name: "End the plan" }));
    await waitFor(() => expect(onChange).toHaveBeenCalledWith(canceled));
    expect(fetched.mock.calls.map(([url]) => url)).toEqual(["/api/subscription/cancel"]);
  });

  it("name the sum that an upgrade charges now", async () => {
    fetched.mockResolvedValue(new Response(JSON.stringify({ amount: 4000, currency: "USD" })));
    show(PAID);
    fireEvent.click(screen.getByRole("button", { name: "Upgrade to unlimited" }));
    expect(await screen.findByText(/Your card is charged \$40.00 now/)).toBeTruthy();
    expect(fetched.mock.calls.map(([url]) => url)).toEqual(["/api/subscription/change/price"]);
  });

  it("say in words what an upgrade charges where the sum cannot be had", async () => {
    fetched.mockRejectedValue(new TypeError("offline"));
    show(PAID);
    fireEvent.click(screen.getByRole("button", { name: "Upgrade to unlimited" }));
    expect(await screen.findByText(/charged now for the difference/)).toBeTruthy();
  });

  it("ask at once about the plan one came for", async () => {
    show(FREE, "premium_pro");
    expect(await screen.findByText("Choose PRO?")).toBeTruthy();
  });

  it("do not ask about a plan one already has", () => {
    show(PAID, "premium_pro");
    expect(screen.queryByText("Choose PRO?")).toBeNull();
  });
});
