import { expect, it } from "vitest";

import { pieces } from "./pieces";

it("leaves a short text as it is", () => {
  expect(pieces(" Tea \n", 10)).toEqual(["Tea"]);
  expect(pieces("", 10)).toEqual([]);
});

it("parts a long one where it pauses, and loses nothing but the pause", () => {
  expect(pieces("one two\n\nthree four", 12)).toEqual(["one two", "three four"]);
  expect(pieces("aaaa bbbb cccc", 10)).toEqual(["aaaa bbbb", "cccc"]);
  expect(pieces("🍵".repeat(7), 3)).toEqual(["🍵🍵🍵", "🍵🍵🍵", "🍵"]);
});
