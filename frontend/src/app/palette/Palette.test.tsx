/** The palette: what Enter takes is what stands first for what was typed, and not what stood there a moment before. */
import { cleanup, fireEvent, render, screen, waitFor } from "@/lib/testing/library";
import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { setLanguage } from "@/lib/i18n";

import type { Feature, PaletteEntry, PaletteSource } from "../feature";
import { Palette } from "./Palette";

const taken = vi.fn();
let answer: Record<string, (entries: PaletteEntry[]) => void>;

/** A feature whose answers come when the test says so, by its name and what was asked. */
function feature(name: string): Feature {
  const find: PaletteSource["find"] = (query) =>
    new Promise<PaletteEntry[]>((resolve) => {
      answer[`${name}:${query}`] = resolve;
    });
  return { name, module: name, routes: [], palette: () => Promise.resolve<PaletteSource>({ find }) };
}

function entry(label: string): PaletteEntry {
  return { key: label, kind: "Found", label, icon: "chat", run: () => void taken(label) };
}

const features = [feature("slow"), feature("quick")];
const field = () => screen.getByRole("combobox");
const selected = () => screen.queryByRole("option", { selected: true })?.textContent;
const type = (value: string) => fireEvent.input(field(), { target: { value } });
const press = (key: string) => fireEvent.keyDown(field(), { key });

async function told(name: string, query: string, ...labels: string[]): Promise<void> {
  await waitFor(() => expect(answer[`${name}:${query}`]).toBeDefined());
  answer[`${name}:${query}`]?.(labels.map(entry));
  for (const label of labels) await screen.findByText(label);
}

beforeEach(() => {
  setLanguage("en");
  answer = {};
  taken.mockReset();
  render(<Palette features={features} onClose={() => undefined} />);
});

afterEach(cleanup);

it("waits with Enter for those who stand above what is there already", async () => {
  await told("quick", "", "Bob");
  expect(selected()).toBe("Bob");
  press("Enter");
  await told("slow", "", "Chat with nobody");
  await waitFor(() => expect(taken.mock.calls).toEqual([["Chat with nobody"]]));
});

it("takes nothing that was found for other words", async () => {
  await told("slow", "", "New chat");
  await told("quick", "", "Ada");
  type("bob");
  press("Enter");
  await told("slow", "bob");
  expect(taken).not.toHaveBeenCalled();
  await told("quick", "bob", "Bob");
  await waitFor(() => expect(taken.mock.calls).toEqual([["Bob"]]));
});

it("keeps what was chosen by the arrows when more comes above it, and takes it at once", async () => {
  await told("quick", "", "Ada", "Bob");
  press("ArrowDown");
  expect(selected()).toBe("Bob");
  await told("slow", "", "Chat with nobody");
  expect(selected()).toBe("Bob");
  type("b");
  await told("quick", "b", "Bob", "Bert");
  press("ArrowDown");
  press("ArrowDown");
  expect(selected()).toBe("Bert");
  press("Enter");
  await waitFor(() => expect(taken.mock.calls).toEqual([["Bert"]]));
});

it("forgets an Enter when one types on", async () => {
  await told("quick", "", "Ada");
  press("Enter");
  type("b");
  await told("slow", "b");
  await told("quick", "b", "Bob");
  expect(taken).not.toHaveBeenCalled();
  press("Enter");
  await waitFor(() => expect(taken.mock.calls).toEqual([["Bob"]]));
});
