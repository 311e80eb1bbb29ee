import { cleanup, fireEvent, render, screen } from "@/lib/testing/library";
import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { config } from "@/lib/config";
import { setLanguage } from "@/lib/i18n";
import { SERVER_CONFIG } from "@/lib/testing/config";
import { installPopover } from "@/lib/testing/popover";

import type { ShownMessage } from "../model";
import { fakeView } from "../testing/fake";
import type { FakeView } from "../testing/fake";
import { alice, conversation, message } from "../testing/people";
import { MessageActions } from "./actions";
import { MessageMenu } from "./MessageMenu";

let view: FakeView;
let actions: MessageActions;
const onClose = vi.fn();

beforeEach(() => {
  setLanguage("en");
  installPopover();
  config.value = SERVER_CONFIG;
  onClose.mockReset();
});

afterEach(cleanup);

/** The menu of a message whose row had the focus; closing takes it away, as the timeline does. */
function open(part: Partial<ShownMessage> = {}, what: "menu" | "palette" = "menu"): HTMLElement {
  const shown = message(1, part);
  view = fakeView(conversation(), [shown]);
  actions = new MessageActions(view, () => undefined);
  const row = document.createElement("div");
  row.tabIndex = -1;
  row.dataset.index = "0";
  const anchor = row.appendChild(document.createElement("div"));
  document.body.append(row);
  row.focus();
  const { unmount } = render(
    <MessageMenu open={{ message: shown, anchor, what }} conversation={conversation()} me={alice.id} actions={actions} onClose={onClose} />,
  );
  onClose.mockImplementation(unmount);
  return row;
}

const focused = () => document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent;
const press = (key: string) => fireEvent.keyDown(document.activeElement ?? document.body, { key });

it("walks along the reactions sideways, and round", () => {
  open();
  expect(focused()).toBe("React with ❤️");
  press("ArrowRight");
  expect(focused()).toBe("React with 👍");
  press("ArrowLeft");
  press("ArrowLeft");
  expect(focused()).toBe("Another emoji");
  press("ArrowRight");
  expect(focused()).toBe("React with ❤️");
});

it("walks down through what can be done, up again, and to both ends", () => {
  open();
  press("ArrowDown");
  expect(focused()).toMatch(/^Reply/);
  press("ArrowDown");
  expect(focused()).toMatch(/^Copy/);
  press("ArrowUp");
  press("ArrowUp");
  expect(focused()).toBe("React with ❤️");
  press("End");
  const last = focused();
  press("ArrowDown");
  expect(focused()).toBe("React with ❤️");
  press("ArrowUp");
  expect(focused()).toBe(last);
  press("Home");
  expect(focused()).toBe("React with ❤️");
});

it.each(["Escape", "Tab"])("leaves with %s, and the message has the focus again", (key) => {
  const row = open();
  expect(press(key)).toBe(false);
  expect(onClose).toHaveBeenCalledOnce();
  expect(document.activeElement).toBe(row);
});

it("does what was chosen, once it is closed", () => {
  open();
  press("ArrowRight");
  fireEvent.click(document.activeElement as HTMLElement);
  expect(onClose).toHaveBeenCalledOnce();
  expect(view.calls).toEqual([["react", "m-1", "👍"]]);
});

it("marks one's own reaction, and tells the keys of a message that has the focus", () => {
  open({ sender: alice, reactions: [{ emoji: "🔥", user_ids: [alice.id] }] });
  expect(screen.getByRole("menuitemcheckbox", { name: "React with 🔥" }).getAttribute("aria-checked")).toBe("true");
  expect(screen.getByRole("menuitem", { name: /^Reply/ }).getAttribute("aria-keyshortcuts")).toBe("R");
  expect(screen.getByRole("menuitem", { name: /^Delete/ }).getAttribute("aria-keyshortcuts")).toBe("Delete");
});

it("has both ends in the palette where nothing but reactions is open", () => {
  open({}, "palette");
  press("End");
  expect(focused()).toBe("Another emoji");
  press("ArrowDown");
  expect(focused()).toBe("React with ❤️");
});

it("offers a translation where the server has one, of words only", () => {
  open({ content: "Добрий день" });
  expect(screen.queryByRole("menuitem", { name: "Translate" })).toBeNull();
  cleanup();
  config.value = { ...SERVER_CONFIG, modules: [...SERVER_CONFIG.modules, "translation"] };
  open({ content: "" });
  expect(screen.queryByRole("menuitem", { name: "Translate" })).toBeNull();
  cleanup();
  open({ content: "Добрий день" });
  const show = vi.spyOn(actions.translations, "show").mockResolvedValue();
  fireEvent.click(screen.getByRole("menuitem", { name: "Translate" }));
  expect(show.mock.calls[0]?.[0].content).toBe("Добрий день");
});
