import { beforeEach, describe, expect, it } from "vitest";

import { dictionary, formatNumber, language, setLanguage } from ".";

const t = dictionary({
  en: {
    hello: "Hello, {name}",
    plain: "Plain",
    files: { one: "{count} file", other: "{count} files" },
  },
  uk: {
    hello: "Вітаю, {name}",
    plain: "Просто",
    files: { one: "{count} файл", few: "{count} файли", many: "{count} файлів", other: "{count} файлу" },
  },
});

beforeEach(() => setLanguage("en"));

describe("dictionary", () => {
  it("speaks the language that is set now", () => {
    expect(t("plain")).toBe("Plain");
    setLanguage("uk");
    expect(t("plain")).toBe("Просто");
  });

  it("fills placeholders", () => {
    expect(t("hello", { name: "Alice" })).toBe("Hello, Alice");
  });

  it("ends a sentence with one point where what was filled in brought its own", () => {
    const until = dictionary({ en: { text: "Until {date}. Then {more}..." }, uk: { text: "До {date}. Потім {more}..." } });
    setLanguage("uk");
    expect(until("text", { date: "29 груд. 2026 р.", more: "інше" })).toBe("До 29 груд. 2026 р. Потім інше...");
    expect(until("text", { date: "завтра", more: "р." })).toBe("До завтра. Потім р....");
    setLanguage("en");
  });

  it("does not look for placeholders in what was filled in", () => {
    expect(t("hello", { name: "{name}" })).toBe("Hello, {name}");
  });

  it.each([
    [1, "1 файл"],
    [2, "2 файли"],
    [5, "5 файлів"],
    [11, "11 файлів"],
    [21, "21 файл"],
    [1.5, "1,5 файлу"],
  ])("takes the Ukrainian form for %s", (count, expected) => {
    setLanguage("uk");
    expect(t("files", { count })).toBe(expected);
  });

  it("groups large numbers the way of the language", () => {
    expect(t("files", { count: 12_000 })).toBe("12,000 files");
    setLanguage("uk");
    expect(t("files", { count: 12_000 })).toBe(`${formatNumber(12_000)} файлів`);
  });

  it("refuses dictionaries that do not match, at compile time", () => {
    // @ts-expect-error The Ukrainian half lacks a key.
    dictionary({ en: { a: "A", b: "B" }, uk: { a: "А" } });
    // @ts-expect-error It has a placeholder the English half does not fill.
    dictionary({ en: { a: "A {x}" }, uk: { a: "А {y}" } });
    // @ts-expect-error A plural stays a plural.
    dictionary({ en: { a: { one: "{count} a", other: "{count} a" } }, uk: { a: "а" } });
    // @ts-expect-error What the sentence needs must be given.
    t("hello");
    // @ts-expect-error No such sentence.
    t("nothing");
  });
});

describe("setLanguage", () => {
  it("tells the page, the next visit and the server", () => {
    setLanguage("uk");
    expect(language.value).toBe("uk");
    expect(document.documentElement.lang).toBe("uk");
    expect(localStorage.getItem("kintsugi.language")).toBe("uk");
    expect(document.cookie).toContain("django_language=uk");
  });
});
