import { describe, expect, it } from "vitest";

import type { Message } from "../shapes";
import { localMessage, MessageModel } from "./message";
import { branchPosition, canContinue, prepend, replaceWith, upTo } from "./thread";

function message(id: string, fields: Partial<Message> = {}): Message {
  return { ...localMessage("assistant", id, { status: "complete", content: id }), id, ...fields };
}

const thread = ["a", "b", "c"].map((id) => new MessageModel(message(id)));
const ids = (models: readonly MessageModel[]) => models.map((model) => model.id);

describe("upTo", () => {
  it("keeps the message itself and what is above", () => expect(ids(upTo(thread, "b"))).toEqual(["a", "b"]));
  it("is empty below the root", () => expect(upTo(thread, null)).toEqual([]));
  it("leaves the thread whole when the parent is further up than what is loaded", () =>
    expect(upTo(thread, "elsewhere")).toBe(thread));
});

describe("prepend", () => {
  it("turns the server's order around and skips what is there", () => {
    expect(ids(prepend(thread, [message("a"), message("z"), message("y")]))).toEqual(["y", "z", "a", "b", "c"]);
  });
});

describe("replaceWith", () => {
  it("keeps the models of messages that stay", () => {
    const next = replaceWith(thread, [message("d"), message("b"), message("a")]);
    expect(ids(next)).toEqual(["a", "b", "d"]);
    expect(next[0]).toBe(thread[0]);
  });

  it("takes the server's new siblings and longer text", () => {
    const [model] = replaceWith(
      [new MessageModel(message("a"))],
      [message("a", { content: "a longer", sibling_ids: ["a", "e"] })],
    );
    expect(model?.text.value).toBe("a longer");
    expect(model?.data.value.sibling_ids).toEqual(["a", "e"]);
  });
});

describe("branchPosition", () => {
  it("is nothing for an only child", () => {
    expect(branchPosition({ id: "a", sibling_ids: ["a"] })).toBeNull();
    expect(branchPosition({ id: "a", sibling_ids: [] })).toBeNull();
  });

  it("counts from one and ends at both ends", () => {
    expect(branchPosition({ id: "a", sibling_ids: ["a", "b"] })).toEqual({
      index: 1,
      count: 2,
      previous: null,
      next: "b",
    });
    expect(branchPosition({ id: "b", sibling_ids: ["a", "b"] })).toEqual({
      index: 2,
      count: 2,
      previous: "a",
      next: null,
    });
  });
});

describe("canContinue", () => {
  it.each([
    ["incomplete", null, true],
    ["stopped", "stop", true],
    ["failed", null, true],
    ["complete", "length", true],
    ["complete", "stop", false],
    ["streaming", null, false],
  ] as const)("%s with finish reason %s: %s", (status, finish_reason, expected) => {
    expect(canContinue(message("a", { status, finish_reason }))).toBe(expected);
  });

  it("has nothing to go on from when no word came", () => {
    expect(canContinue(message("a", { status: "failed", content: "" }))).toBe(false);
  });
});
