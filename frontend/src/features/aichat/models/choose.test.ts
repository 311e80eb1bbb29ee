import { beforeEach, describe, expect, it, vi } from "vitest";

import { Conversation } from "../model/conversation";
import { chooseEffort, chooseModel, effortOf } from "./choose";
import { model } from "./testing";

const SOL = model("sol", { efforts: ["low", "medium", "high", "xhigh", "max"], effort: "medium" });
const LUNA = model("luna", { efforts: ["none", "low"], effort: "none" });
const LOCAL = model("local", { efforts: [], effort: null });

let conversation: Conversation;

beforeEach(() => {
  conversation = new Conversation({ onCreated: vi.fn(), onChat: vi.fn(), onAnswered: vi.fn() });
});

describe("the effort of a chat", () => {
  it.each([
    [null, "medium", "none"],
    ["high", "high", "low"],
    ["none", "low", "none"],
    ["minimal", "low", "none"],
  ])("that is set to %s is %s by one model and %s by another", (wanted, bySol, byLuna) => {
    conversation.plans.value = { effort: wanted };
    expect([effortOf(conversation, SOL), effortOf(conversation, LUNA)]).toEqual([bySol, byLuna]);
  });

  it("is none where the model cannot be told, or is not known yet", () => {
    conversation.plans.value = { effort: "high" };
    expect([effortOf(conversation, LOCAL), effortOf(conversation, undefined)]).toEqual([null, null]);
  });

  it("is not written down when it is the model's own", async () => {
    await chooseEffort(conversation, SOL, "high");
    expect(conversation.plans.value.effort).toBe("high");
    await chooseEffort(conversation, SOL, "medium");
    expect(conversation.plans.value.effort).toBeNull();
  });

  it("of a chat that is yet to be made becomes one that the chosen model knows", async () => {
    await chooseEffort(conversation, SOL, "max");
    await chooseModel(conversation, LUNA);
    expect(conversation.plans.value).toEqual({ model: "luna", effort: "low" });
    await chooseModel(conversation, LOCAL);
    expect(conversation.plans.value).toEqual({ model: "local", effort: null });
  });
});
