import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { money } from "./money";

const table = JSON.parse(readFileSync("../billing/tests/currencies.json", "utf8")) as {
  digits: Record<string, string[]>;
  amounts: Record<string, string>;
};
const cases = Object.entries(table.digits).flatMap(([digits, names]) =>
  names.map((currency) => [currency, table.amounts[digits] ?? ""] as const),
);

describe("money", () => {
  it.each(cases)("counts %s as the server does", (currency, text) => {
    const shown = money(1234, currency).replace(/[^\d.,]/g, "");
    expect(shown.replace(",", text === "1234" ? "" : ".")).toBe(text);
  });
});
