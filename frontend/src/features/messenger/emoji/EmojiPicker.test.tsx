import { cleanup, fireEvent, render, screen, waitFor } from "@/lib/testing/library";
import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { setLanguage } from "@/lib/i18n";

import EmojiPicker from "./EmojiPicker";
import { habits } from "./habits";

const chosen = vi.fn();

beforeEach(async () => {
  setLanguage("en");
  localStorage.clear();
  habits.value = { recent: [], tone: "" };
  chosen.mockReset();
  render(<EmojiPicker onChoose={chosen} />);
  await screen.findByRole("button", { name: "grinning face" });
});

afterEach(cleanup);

const field = () => screen.getByLabelText("Find an emoji");
const tone = () => screen.getByLabelText<HTMLSelectElement>("Skin");
const focused = () => document.activeElement?.getAttribute("aria-label");
const press = (key: string) => fireEvent.keyDown(document.activeElement ?? document.body, { key });

function named(): string[] {
  return [...document.querySelectorAll("[data-emoji]")].map((one) => one.getAttribute("aria-label") ?? "");
}

it("walks from the field into the grid, along it, and back above its first row", () => {
  field().focus();
  press("ArrowDown");
  expect(focused()).toBe(named()[0]);
  press("ArrowRight");
  press("ArrowDown");
  expect(focused()).toBe(named()[9]);
  press("ArrowLeft");
  press("ArrowUp");
  expect(focused()).toBe(named()[0]);
  press("ArrowUp");
  expect(document.activeElement).toBe(field());
});

it("leaves the arrow down in the choice of a skin to the choice", () => {
  tone().focus();
  // Nothing has taken the key, so the browser goes on to the next skin.
  expect(press("ArrowDown")).toBe(true);
  expect(document.activeElement).toBe(tone());
});

it("gives what is chosen the skin that was chosen, and keeps it", () => {
  const medium = [...tone().options].find((option) => option.textContent.endsWith("Medium"))?.value;
  fireEvent.change(tone(), { target: { value: medium } });
  fireEvent.input(field(), { target: { value: "thumbs up" } });
  fireEvent.keyDown(field(), { key: "Enter" });
  expect(chosen.mock.calls).toEqual([["👍🏽"]]);
  expect(habits.value).toEqual({ recent: ["👍🏽"], tone: "🏽" });
});

it("takes what was typed before the names were there as soon as they are", async () => {
  cleanup();
  render(<EmojiPicker onChoose={chosen} />);
  expect(named()).toEqual([]);
  fireEvent.input(field(), { target: { value: "thumbs up" } });
  fireEvent.keyDown(field(), { key: "Enter" });
  expect(chosen).not.toHaveBeenCalled();
  await waitFor(() => expect(chosen.mock.calls).toEqual([["👍"]]));
});
