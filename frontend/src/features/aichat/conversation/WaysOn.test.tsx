import { cleanup, fireEvent, render } from "@/lib/testing/library";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { ApiError, errorFromBody } from "@/lib/api";
import { setLanguage } from "@/lib/i18n";

import { Conversation } from "../model/conversation";
import { localMessage, MessageModel } from "../model/message";
import { WaysOn } from "./WaysOn";
import { troubleText } from "./words";

let conversation: Conversation;
let answer: MessageModel;

beforeEach(() => {
  conversation = new Conversation({ onCreated: vi.fn(), onChat: vi.fn(), onAnswered: vi.fn() });
  answer = new MessageModel({ ...localMessage("assistant", "a", { status: "failed" }), id: "m2" });
});

afterEach(() => {
  cleanup();
  setLanguage("en");
});

function press(code: string, context: Record<string, unknown>, label: string): void {
  const error = errorFromBody({ error: "The server's sentence.", code, ...context }, 200);
  fireEvent.click(render(<WaysOn conversation={conversation} answer={answer} error={error} />).getByText(label));
}

describe("a way on", () => {
  it("asks one of the models that an overloaded one names", () => {
    const regenerate = vi.spyOn(conversation, "regenerate").mockResolvedValue();
    const others = [{ id: "luna", name: "GPT-6 Luna" }, { id: "haiku", name: "Haiku" }];
    press("provider_overloaded", { others }, "Ask Haiku");
    expect(regenerate).toHaveBeenCalledWith(answer, { model: "haiku" });
  });

  it("gives an answer that thought too long twice the room, or less to think", () => {
    const goOn = vi.spyOn(conversation, "continueAnswer").mockResolvedValue();
    press("thought_too_long", { effort: "high", fits: "low" }, "Twice the room");
    cleanup();
    press("thought_too_long", { effort: "high", fits: "low" }, "Lower effort: Low");
    expect(goOn.mock.calls).toEqual([[answer, { room: 2 }], [answer, { effort: "low" }]]);
  });

  it("asks what was never sent once more with an effort that fits, and what was sent anew", () => {
    const regenerate = vi.spyOn(conversation, "regenerate").mockResolvedValue();
    press("effort_too_dear", { fits: "low" }, "Ask with Low");
    expect(regenerate).toHaveBeenCalledWith(answer, { effort: "low" });
    cleanup();
    const redo = (answer.redo = vi.fn());
    press("effort_too_dear", { fits: "low" }, "Ask with Low");
    expect(redo).toHaveBeenCalledWith({ effort: "low" });
    expect(regenerate).toHaveBeenCalledOnce();
  });

  it("takes the successor into the chat before it asks again", async () => {
    const regenerate = vi.spyOn(conversation, "regenerate").mockResolvedValue();
    const change = vi.spyOn(conversation, "change").mockResolvedValue();
    press("model_gone", { successor: "terra", successor_name: "GPT-6.1 Terra" }, "Go on with GPT-6.1 Terra");
    expect(change).toHaveBeenCalledWith({ model: "terra", effort: null });
    await vi.waitFor(() => expect(regenerate).toHaveBeenCalledWith(answer, { model: "terra" }));
  });

  it("asks nothing when the chat cannot be changed", async () => {
    const regenerate = vi.spyOn(conversation, "regenerate").mockResolvedValue();
    const change = vi.spyOn(conversation, "change").mockRejectedValue(new ApiError("no", 410, "model_ended"));
    press("model_gone", { successor: "terra" }, "Go on with terra");
    await vi.waitFor(() => expect(change).toHaveBeenCalledOnce());
    await Promise.resolve();
    expect(regenerate).not.toHaveBeenCalled();
  });
});

describe("what went wrong", () => {
  it("is told in the reader's language where a way on is named, else as everywhere", () => {
    const tooDear = errorFromBody({ error: "English.", code: "effort_too_dear", effort: "high" }, 403);
    expect(troubleText(tooDear)).toBe("Not enough tokens are left for the effort High.");
    setLanguage("uk");
    expect(troubleText(tooDear)).toBe("Для зусилля «Велике» не вистачає токенів.");
    expect(troubleText(new ApiError("As the server says.", 502, "never_heard_of"))).toBe("As the server says.");
  });
});
