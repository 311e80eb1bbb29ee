import { describe, expect, it } from "vitest";

import { matches, sectionsOf, shortList } from "./sections";
import { model } from "./testing";

const ALL = [
  model("gpt-6.2-sol", { name: "GPT-6.2 Sol" }),
  model("gpt-6-luna", { name: "GPT-6 Luna", default: true }),
  model("claude-opus-5-5", { name: "Claude Opus 5.5", maker: "Anthropic", available: false }),
  model("gpt-6.1-terra", { name: "GPT-6.1 Terra" }),
  model("o9-mini", { group: "more" }),
  model("gpt-4o", { group: "ending", until: "2027-01-14" }),
  model("o1", { group: "ended" }),
];
const NOTHING = { pinned: [], recent: [] };

const shown = (kept = NOTHING as { pinned: string[]; recent: string[] }, query = "") =>
  sectionsOf(ALL, { kept, query }).map(({ kind, maker, models }) => [maker || kind, ...models.map(({ id }) => id)]);

describe("the menu", () => {
  it("has the makers as the catalogue orders them, then the others, then those that end", () => {
    expect(shown()).toEqual([
      ["OpenAI", "gpt-6.2-sol", "gpt-6-luna", "gpt-6.1-terra"],
      ["Anthropic", "claude-opus-5-5"],
      ["more", "o9-mini"],
      ["ending", "gpt-4o"],
    ]);
  });

  it("has pinned ones and the last used on top, each in one place", () => {
    const kept = { pinned: ["claude-opus-5-5", "gone"], recent: ["gpt-4o", "claude-opus-5-5", "gpt-6-luna"] };
    expect(shown(kept)).toEqual([
      ["pinned", "claude-opus-5-5"],
      ["recent", "gpt-4o", "gpt-6-luna"],
      ["OpenAI", "gpt-6.2-sol", "gpt-6.1-terra"],
      ["more", "o9-mini"],
    ]);
  });

  it("is one list of what was searched for, whatever group it is in, but never of what has ended", () => {
    expect(shown({ pinned: ["gpt-6-luna"], recent: [] }, " o9 ")).toEqual([["found", "o9-mini"]]);
    expect(shown(NOTHING, "O1")).toEqual([]);
  });
});

describe("a search", () => {
  const sol = model("gpt-6.2-sol", { name: "GPT-6.2 Sol" });
  it.each(["sol", "GPT sol", "gpt6", "gpt62", "openai 6.2", "6.2-sol", ""])("for %j finds GPT-6.2 Sol", (query) => {
    expect(matches(sol, query)).toBe(true);
  });

  it.each(["luna", "gpt sol luna", "anthropic"])("for %j does not", (query) => {
    expect(matches(sol, query)).toBe(false);
  });
});

describe("the short list", () => {
  it("begins with what one pinned and used, and has nothing that one may not use", () => {
    const kept = { pinned: ["o9-mini"], recent: ["gpt-6.1-terra", "claude-opus-5-5"] };
    expect(shortList(ALL, NOTHING, 9).map(({ id }) => id)).toEqual(["gpt-6.2-sol", "gpt-6-luna", "gpt-6.1-terra", "o9-mini"]);
    expect(shortList(ALL, kept, 3).map(({ id }) => id)).toEqual(["o9-mini", "gpt-6.1-terra", "gpt-6.2-sol"]);
  });
});
