import { expect, it } from "vitest";

/** Whoever asks for Enter by hand forgets the words that are being composed. */
it("asks for Enter through isEnter alone", () => {
  const sources = import.meta.glob<string>("../**/*.{ts,tsx}", { query: "?raw", import: "default", eager: true });
  const found = Object.entries(sources)
    .filter(([path]) => !/\.test\.|\/keys\.ts|\/testing\//.test(path))
    .filter(([, text]) => /(?:key|code)\s*===?\s*["'](?:Enter|NumpadEnter)["']|case "Enter"/.test(text))
    .map(([path]) => path);
  expect(found).toEqual([]);
});
