import { cleanup, fireEvent, render } from "@/lib/testing/library";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { models } from "../model/catalogue";
import { Conversation } from "../model/conversation";
import type { Chat } from "../shapes";
import { EndedNote } from "./EndedNote";
import { model } from "./testing";

const END = { ended: true, name: "GPT-4o", until: "2027-01-14", successor: "terra", successor_name: "GPT-6.1 Terra", note: "" };

let conversation: Conversation;

beforeEach(() => {
  conversation = new Conversation({ onCreated: vi.fn(), onChat: vi.fn(), onAnswered: vi.fn() });
});

afterEach(() => {
  cleanup();
  models.value = [];
});

function show(end: Partial<NonNullable<Chat["model_end"]>> | null) {
  conversation.chat.value = { id: "c1", model: "gpt-4o", model_end: end && { ...END, ...end } } as Chat;
  return render(<EndedNote conversation={conversation} />);
}

describe("a chat whose model has ended", () => {
  it("says so on the day it was, whatever the zone, and goes on with the successor at a press", () => {
    const change = vi.spyOn(conversation, "change").mockResolvedValue();
    const { container, getByText } = show({});
    expect(container.textContent).toContain("GPT-4o was switched off by its maker on Jan 14, 2027. Go on with GPT-6.1 Terra?");
    fireEvent.click(getByText("Go on"));
    expect(change).toHaveBeenCalledWith({ model: "terra", effort: null });
  });

  it("asks for another choice where nothing comes after it", () => {
    const { container, queryByText } = show({ successor: null, successor_name: null });
    expect(container.textContent).toContain("Choose another model.");
    expect(queryByText("Go on")).toBeNull();
  });

  it("lets another one be chosen beside the successor", () => {
    models.value = [model("terra"), model("luna")];
    const { getByRole } = show({});
    expect(getByRole("button", { name: /^Choose another model/ })).toBeTruthy();
  });

  it("is not one whose model goes on, or ends later", () => {
    expect(show(null).container.textContent).toBe("");
    expect(show({ ended: false }).container.textContent).toBe("");
  });
});
