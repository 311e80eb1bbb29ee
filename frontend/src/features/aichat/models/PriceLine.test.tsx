import { act, cleanup, render } from "@/lib/testing/library";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { writeDraft } from "../composer/draft";
import { models } from "../model/catalogue";
import { Conversation } from "../model/conversation";
import type { Chat, Estimate, EstimateRequest } from "../shapes";
import { chooseEffort } from "./choose";
import { PriceLine } from "./PriceLine";
import { model } from "./testing";

const SOL = model("sol", { default: true });
const KNOWN: Estimate = {
  model: "sol",
  effort: "medium",
  prompt_tokens: 1240,
  max_tokens: 32_000,
  typical: 7640,
  at_most: 33_240,
  typical_cost: "0.066",
  at_most_cost: "0.3225",
  estimated_tokens: 33_240,
  tokens_left: null,
  fits: true,
  fits_effort: "medium",
  step: null,
  left_out: 0,
};

let conversation: Conversation;
let answer: Partial<Estimate> | null;
const asked: EstimateRequest[] = [];

async function wait(milliseconds: number): Promise<void> {
  await act(async () => {
    await vi.advanceTimersByTimeAsync(milliseconds);
  });
}

function type(text: string): void {
  void act(() => writeDraft(conversation, text));
}

beforeEach(() => {
  vi.useFakeTimers();
  sessionStorage.clear();
  asked.length = 0;
  answer = {};
  models.value = [SOL];
  conversation = new Conversation({ onCreated: vi.fn(), onChat: vi.fn(), onAnswered: vi.fn() });
  vi.stubGlobal("fetch", (_path: string, init: RequestInit) => {
    asked.push(JSON.parse(init.body as string) as EstimateRequest);
    if (answer === null) return Promise.reject(new TypeError("offline"));
    return Promise.resolve(Response.json({ ...KNOWN, ...answer }));
  });
});

afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

const line = () => document.querySelector("p")?.textContent;

describe("the line of prices", () => {
  it("asks when the typing pauses, and once for what was typed last", async () => {
    render(<PriceLine conversation={conversation} />);
    for (const text of ["H", "He", "Hello"]) {
      type(text);
      await wait(100);
    }
    expect(asked).toEqual([]);
    await wait(400);
    expect(asked.map(({ content }) => content)).toEqual(["Hello"]);
    expect(line()).toBe("1,240 tokens in · usually 7,640 ($0.066) · at most 33,240 ($0.32)");
  });

  it("keeps its place while it is empty, and asks nothing then", async () => {
    render(<PriceLine conversation={conversation} />);
    await wait(1000);
    expect([asked, line()]).toEqual([[], ""]);
  });

  it("asks nothing for a model that its maker has switched off", async () => {
    const end = { ended: true, name: "Old", until: "2026-01-14", successor: null, successor_name: null, note: "" };
    conversation.chat.value = { id: "c1", model: "old", model_end: end } as unknown as Chat;
    render(<PriceLine conversation={conversation} />);
    type("And now?");
    conversation.isChoosing.value = true;
    await wait(1000);
    expect(asked).toEqual([]);
  });

  it("follows an effort at once, also before anything is written", async () => {
    render(<PriceLine conversation={conversation} />);
    await act(() => chooseEffort(conversation, SOL, "high"));
    await wait(0);
    expect(asked).toMatchObject([{ content: "", effort: "high" }]);
    await act(() => chooseEffort(conversation, SOL, "low"));
    await wait(0);
    expect(asked.at(-1)).toMatchObject({ effort: "low" });
  });

  it("says tokens alone where the costs are not known or not shown", async () => {
    answer = { typical_cost: null, at_most_cost: null };
    render(<PriceLine conversation={conversation} />);
    type("Hi");
    await wait(500);
    expect(line()).toBe("1,240 tokens in · usually 7,640 · at most 33,240");
  });

  it("warns of a step in the price", async () => {
    answer = { step: { tokens: 272_000, times: "2" }, typical_cost: "1.2", at_most_cost: "1.9" };
    render(<PriceLine conversation={conversation} />);
    type("Hi");
    await wait(500);
    expect(line()).toBe("Above 272,000 tokens all of it costs 2 times as much: $1.20, at most $1.90");
  });

  it("offers the effort that fits in place of one that does not", async () => {
    answer = { fits: false, effort: "high", fits_effort: "low", tokens_left: 3000 };
    const { getByText } = render(<PriceLine conversation={conversation} />);
    type("Hi");
    await wait(500);
    expect(line()).toContain("Not enough tokens left for the effort High.");
    await act(() => getByText("Take Low").click());
    expect(conversation.plans.value.effort).toBe("low");
  });

  it("says nothing when the server cannot be asked, and again when it can", async () => {
    answer = null;
    render(<PriceLine conversation={conversation} />);
    type("Hi");
    await wait(500);
    expect(line()).toBe("");
    answer = {};
    type("Hi!");
    await wait(500);
    expect(line()).toContain("1,240 tokens in");
  });
});
