import { afterEach, expect, it } from "vitest";

import { setLanguage } from "@/lib/i18n";

import { findEmoji, loadEmoji, toned } from "./catalogue";

afterEach(() => setLanguage("en"));

it("finds by short names, words and beginnings, the best first", async () => {
  setLanguage("en");
  const all = await loadEmoji();
  expect(findEmoji(all, "tada")[0]?.char).toBe("🎉");
  expect(findEmoji(all, "+1")[0]?.char).toBe("👍");
  expect(findEmoji(all, "pizz")[0]?.char).toBe("🍕");
  expect(findEmoji(all, "red heart")[0]?.char).toBe("❤️");
  expect(findEmoji(all, "zzzz")).toEqual([]);
});

it("finds in Ukrainian, and in English still", async () => {
  setLanguage("uk");
  const all = await loadEmoji();
  expect(findEmoji(all, "піца")[0]?.char).toBe("🍕");
  expect(findEmoji(all, "pizza")[0]?.char).toBe("🍕");
  expect(findEmoji(all, "піца")[0]?.name).toBe("піца");
});

it("puts a skin tone where one can stand", async () => {
  setLanguage("en");
  const all = await loadEmoji();
  const named = (char: string) => all.find((one) => one.char === char) ?? { char: "", takesTone: false };
  expect(toned(named("👍"), "🏿")).toBe("👍🏿");
  expect(toned(named("👩‍🚀"), "🏽")).toBe("👩🏽‍🚀");
  expect(toned(named("☝️"), "🏻")).toBe("☝🏻");
  expect(toned(named("🍕"), "🏻")).toBe("🍕");
});
