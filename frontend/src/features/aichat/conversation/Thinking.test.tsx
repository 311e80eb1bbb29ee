import { act, cleanup, fireEvent, render } from "@/lib/testing/library";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { localMessage, MessageModel } from "../model/message";
import { Thinking } from "./Thinking";

let answer: MessageModel;

beforeEach(() => {
  vi.useFakeTimers();
  answer = new MessageModel({ ...localMessage("assistant", "a", {}), id: "m2" }, "waiting");
});

afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

function think(from: number, delta: string, seconds: number): void {
  void act(() => answer.thinks({ message_id: "m2", from, delta, seconds }));
}

describe("what a model thinks", () => {
  it("is nothing on the page until it is heard of", () => {
    const { container } = render(<Thinking answer={answer} />);
    expect(container.textContent).toBe("");
  });

  it("is a line with the seconds, which go on by themselves, and the latest sentence", async () => {
    const { container } = render(<Thinking answer={answer} />);
    think(0, "First the lacquer. Then the gold", 12);
    expect(container.textContent).toBe("Thinking · 12 sThen the gold");
    await act(async () => {
      await vi.advanceTimersByTimeAsync(2000);
    });
    expect(container.textContent).toBe("Thinking · 14 sThen the gold");
  });

  it("can be counted though nothing of it is shown", () => {
    const { container } = render(<Thinking answer={answer} />);
    think(0, "", 65);
    expect(container.textContent).toBe("Thinking · 1 min 5 s");
    expect(container.querySelector("button")).toBeNull();
  });

  it("folds into one line at its end, and opens to the whole as a note", () => {
    const { container, getByRole } = render(<Thinking answer={answer} />);
    think(0, "**Seam**\n\nGold <b>holds</b>.", 34);
    void act(() => answer.settle({ status: "complete", reasoning_tokens: 2140, thinking_ms: 34_200 }));
    const line = getByRole("button");
    expect(line.textContent).toBe("Thought 34 s · 2,140 tokens");
    expect(line.getAttribute("aria-expanded")).toBe("false");
    fireEvent.click(line);
    const note = getByRole("note");
    expect(note.getAttribute("aria-label")).toBe("Thoughts of the model");
    expect(note.textContent).toContain("**Seam**\n\nGold <b>holds</b>.");
    fireEvent.click(line);
    expect(container.querySelector("[role=note]")).toBeNull();
  });

  it("says how much it was where a site keeps no thoughts, and nothing where there was none", () => {
    answer = new MessageModel({ ...localMessage("assistant", "a", { reasoning_tokens: 7, thinking_ms: 400 }), id: "m3" });
    expect(render(<Thinking answer={answer} />).container.textContent).toBe("Thought 1 s · 7 tokens");
    cleanup();
    answer = new MessageModel({ ...localMessage("assistant", "a", { reasoning_tokens: 0, thinking_ms: 0 }), id: "m4" });
    expect(render(<Thinking answer={answer} />).container.textContent).toBe("");
  });
});
