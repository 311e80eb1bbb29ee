import { cleanup, fireEvent, render, screen } from "@testing-library/preact";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { ComposerField, focusComposer } from "./ComposerField";

const heard = { onValue: vi.fn(), onSend: vi.fn(), onFiles: vi.fn(), onKeyDown: vi.fn() };

/** Whether the keyboard is one that is drawn on the screen. */
function show(isTouch = false): HTMLElement {
  vi.spyOn(window, "matchMedia").mockReturnValue({ matches: isTouch } as MediaQueryList);
  render(<ComposerField label="Message" placeholder="Write" value="Tea" {...heard} />);
  return screen.getByRole("textbox", { name: "Message" });
}

beforeEach(() => Object.values(heard).forEach((listener) => listener.mockReset()));
afterEach(cleanup);

describe("ComposerField", () => {
  it("tells what is written, and sends with Enter", () => {
    const field = show();
    fireEvent.input(field, { target: { value: "Tea?" } });
    expect(heard.onValue).toHaveBeenCalledWith("Tea?");
    expect(fireEvent.keyDown(field, { key: "Enter" })).toBe(false);
    expect(heard.onSend).toHaveBeenCalledOnce();
  });

  it.each([
    ["with Shift", { key: "Enter", shiftKey: true }, false],
    ["on a touch keyboard", { key: "Enter" }, true],
    ["while a word is composed", { key: "Enter", isComposing: true }, false],
    ["with the Enter that ends a word in Safari", { key: "Enter", keyCode: 229, isComposing: false }, false],
  ])("does not send %s", (_, key, isTouch) => {
    fireEvent.keyDown(show(isTouch), key);
    expect(heard.onSend).not.toHaveBeenCalled();
  });

  it("passes other keys on", () => {
    fireEvent.keyDown(show(), { key: "ArrowUp" });
    expect(heard.onKeyDown).toHaveBeenCalledOnce();
  });

  it("takes files that are pasted, and leaves words to the browser", () => {
    const field = show();
    const files = [new File(["x"], "x.txt")];
    expect(fireEvent.paste(field, { clipboardData: { files, getData: () => "" } })).toBe(false);
    expect(fireEvent.paste(field, { clipboardData: { files: [], getData: () => "Tea" } })).toBe(true);
    expect(heard.onFiles.mock.calls).toEqual([[files]]);
  });

  it.each([
    ["a table and its picture", "Gold\t3\nClay\t5", "image.png", true],
    ["a sentence and its picture", "See you at example.com", "image.png", true],
    ["words that end like a file", "I like node.js", "image.png", true],
    ["a file and its name", "vase.png", "vase.png", false],
    ["a picture and the name it had", "Golden vase 3.PNG", "image.png", false],
    ["a picture and where it is from", "https://example.com/vase.png?w=3", "image.png", false],
    ["a file and its path", "file:///home/me/vase.pdf\n", "vase.pdf", false],
    ["a file and its path on Windows", "C:\\Users\\me\\my vase.pdf", "my vase.pdf", false],
  ])("of %s takes what was meant", (_, text, name, isText) => {
    const data = { files: [new File(["x"], name)], getData: (type: string) => (type === "text/plain" ? text : "") };
    expect(fireEvent.paste(show(), { clipboardData: data })).toBe(isText);
    expect(heard.onFiles).toHaveBeenCalledTimes(isText ? 0 : 1);
  });

  it("gets the focus from anywhere", () => {
    const field = show();
    focusComposer();
    expect(document.activeElement).toBe(field);
  });
});
