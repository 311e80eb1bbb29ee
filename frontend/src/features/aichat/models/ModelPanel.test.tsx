import { cleanup, fireEvent, render } from "@/lib/testing/library";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { acceptGrant } from "@/lib/api";
import type { User } from "@/lib/api";
import { config } from "@/lib/config";
import { SERVER_CONFIG } from "@/lib/testing/config";

import { models } from "../model/catalogue";
import { ModelPanel } from "./ModelPanel";
import { model } from "./testing";

const RATES = { input: "2", cached: "0.1", write: "2.5", output: "10" };
const SOL = model("gpt-6.2-sol", {
  name: "GPT-6.2 Sol",
  speed: "deep",
  sees: ["image"],
  price: { since: "2026-11-17", rates: RATES, step: 272_000, above: { ...RATES, input: "4", output: "15" }, source: "ours" },
  next_price: { since: "2027-01-01", rates: { ...RATES, input: "3" }, step: null, above: null, source: "ours" },
});
const LUNA = model("gpt-6-luna", { name: "GPT-6 Luna", speed: "fast", typical_cost: "0" });
const OPUS = model("opus", { name: "Opus", maker: "Anthropic", available: false, min_tier: "premium_ultra" });
const LATE = model("gpt-4o", { group: "ending", until: "2026-12-05", for_new_chats: false, successor: "gpt-6-luna" });
const ODD = model("o9", { group: "more" });

const onChoose = vi.fn();

function open(isNewChat = false) {
  return render(<ModelPanel current="gpt-6-luna" isNewChat={isNewChat} onChoose={onChoose} />);
}

const press = (key: string) => fireEvent.keyDown(document.activeElement ?? document.body, { key });
const focused = () => document.activeElement?.textContent ?? "";

beforeEach(() => {
  localStorage.clear();
  onChoose.mockClear();
  config.value = SERVER_CONFIG;
  models.value = [SOL, LUNA, OPUS, LATE, ODD];
  acceptGrant({ user: { id: "alice" } as User, access_token: "t", expires_in: 900 });
  // One has a mouse.
  vi.stubGlobal("matchMedia", () => ({ matches: true, addEventListener: vi.fn(), removeEventListener: vi.fn() }));
  Element.prototype.scrollIntoView = vi.fn();
});

afterEach(cleanup);

describe("the menu of models", () => {
  it("says of each what it is in two words and what an answer costs", () => {
    const { getByText, container } = open();
    expect(container.querySelector("[data-row]")?.textContent).toContain("deep · sees · ≈ $0.0043 a usual answer");
    expect(getByText("fast · free of charge")).toBeTruthy();
    expect(getByText("from Premium Ultra")).toBeTruthy();
  });

  it("says no price where costs are not shown", () => {
    config.value = { ...SERVER_CONFIG, show_costs: "nobody" };
    const { container, getByLabelText } = open();
    fireEvent.click(getByLabelText("About GPT-6.2 Sol"));
    expect(container.textContent).not.toContain("$");
  });

  it("unfolds the list price, the step, the next price and the context", () => {
    const { getByLabelText, container } = open();
    fireEvent.click(getByLabelText("About GPT-6.2 Sol"));
    const { textContent } = container;
    expect(textContent).toContain("Reads up to 1,050,000 tokens, writes up to 128,000");
    expect(textContent).toContain("$2.00 in · $10.00 out per 1M tokens");
    expect(textContent).toContain("Above 272,000 tokens of input all of it: $4.00 in · $15.00 out");
    expect(textContent).toContain("From Jan 1, 2027: $3.00 in · $10.00 out");
  });

  it("goes along the rows with arrows, Home and End, to their buttons and back, and up into the field", () => {
    const { getByLabelText } = open();
    const field = getByLabelText("Search models");
    expect(document.activeElement).toBe(field);
    press("ArrowDown");
    expect(focused()).toContain("GPT-6.2 Sol");
    press("ArrowRight");
    expect(document.activeElement).toBe(getByLabelText("Pin GPT-6.2 Sol"));
    press("ArrowLeft");
    press("ArrowDown");
    expect(focused()).toContain("GPT-6 Luna");
    press("End");
    expect(focused()).toContain("GPT-4O");
    press("Home");
    press("ArrowUp");
    expect(document.activeElement).toBe(field);
  });

  it("takes letters typed on a row into the search, and Enter there takes the first one found", () => {
    const { getByLabelText } = open();
    const field = getByLabelText("Search models");
    press("ArrowDown");
    press("o");
    expect(document.activeElement).toBe(field);
    fireEvent.input(field, { target: { value: "o9" } });
    press("Enter");
    expect(onChoose).toHaveBeenCalledWith(ODD);
  });

  it("keeps an Enter in the search to itself: it sends no question, and chooses nothing where nothing was searched", () => {
    open();
    // `fireEvent` answers whether the browser would still act on the key.
    expect(press("Enter")).toBe(false);
    expect(onChoose).not.toHaveBeenCalled();
  });

  it("says how to have a locked one in place of choosing it", () => {
    const { getByText, container } = open();
    fireEvent.click(getByText("Opus"));
    expect(onChoose).not.toHaveBeenCalled();
    expect(container.querySelector('a[href="/app/billing"]')).not.toBeNull();
  });

  it("begins no chat with one that ends within days, and says what comes after it", () => {
    const { getByText, container } = open(true);
    fireEvent.click(getByText("GPT-4O"));
    expect(onChoose).not.toHaveBeenCalled();
    expect(container.textContent).toContain("switches it off on Dec 5, 2026; then GPT-6 Luna.");
    cleanup();
    fireEvent.click(open(false).getByText("GPT-4O"));
    expect(onChoose).toHaveBeenCalledWith(LATE);
  });

  it("pins at a press, and has it on top from then on", () => {
    const { getByLabelText, container } = open();
    fireEvent.click(getByLabelText("Pin GPT-6 Luna"));
    expect(container.querySelector("section")?.textContent).toMatch(/^Pinned.*GPT-6 Luna/);
    expect(getByLabelText("Unpin GPT-6 Luna").getAttribute("aria-pressed")).toBe("true");
  });
});
