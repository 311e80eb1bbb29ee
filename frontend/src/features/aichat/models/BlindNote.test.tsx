import { cleanup, fireEvent, render } from "@/lib/testing/library";
import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { setLanguage } from "@/lib/i18n";

import { models } from "../model/catalogue";
import { Conversation } from "../model/conversation";
import type { Chat } from "../shapes";
import { BlindNote } from "./BlindNote";
import { model } from "./testing";

let conversation: Conversation;

beforeEach(() => {
  conversation = new Conversation({ onCreated: vi.fn(), onChat: vi.fn(), onAnswered: vi.fn() });
  models.value = [{ ...model("mole"), name: "Mole", sees: [] }, { ...model("owl"), name: "Owl", sees: ["image"] }];
  conversation.chat.value = { id: "c1", model: "mole" } as Chat;
});

afterEach(() => {
  cleanup();
  models.value = [];
  setLanguage("en");
});

const note = () => render(<BlindNote conversation={conversation} />);

it("says before it is sent that the model sees no pictures, and asks one that does at a press", () => {
  const change = vi.spyOn(conversation, "change").mockResolvedValue();
  const { container, getByText } = note();
  expect(container.textContent).toContain("Mole cannot see pictures.");
  fireEvent.click(getByText("Ask Owl"));
  expect(change).toHaveBeenCalledWith({ model: "owl" });
});

it("says it in Ukrainian, and where no model sees any", () => {
  setLanguage("uk");
  models.value = models.value.filter(({ id }) => id === "mole");
  expect(note().container.textContent).toContain("Mole не бачить зображень, як і жодна");
});

it("says nothing of a model that sees them", () => {
  conversation.chat.value = { id: "c1", model: "owl" } as Chat;
  expect(note().container.textContent).toBe("");
});
