import { expect, it } from "vitest";

import { ApiError } from "@/lib/api";

import { lastWords } from "./lastWords";

const error = (code: string) => new ApiError("", 409, code);
const answer = (code: string) => lastWords({ error: error(code), isAnswer: true }, "Alice", null);
const start = (code: string) => lastWords({ error: error(code), isAnswer: false }, "Alice", null);

it("who answered and was not let in is not told that nothing began", () => {
  expect(answer("call_full")).toEqual({
    text: "You could not join the call",
    why: expect.stringContaining("full") as string,
    again: "Try again",
  });
  expect(start("call_full").text).toBe("The call could not be begun");
});

it("who answered too late may call back", () => {
  expect(answer("call_over")).toEqual({ text: "The call was over before you came", why: null, again: "Call again" });
});

it("where trying again comes to the same there is no button for it", () => {
  for (const words of [answer("answered_elsewhere"), answer("blocked"), start("blocked")]) expect(words.again).toBeNull();
});

it("an end is told by its reason, and else by how long it was", () => {
  expect(lastWords({ reason: "declined" }, "Alice", null)).toEqual({ text: "Alice declined", why: null, again: "Call again" });
  expect(lastWords({ reason: "removed" }, "Alice", 7)).toMatchObject({ again: null });
  expect(lastWords({ reason: "hangup" }, "Alice", 67).text).toContain("1:07");
});
