import { afterEach, describe, expect, it } from "vitest";

import { acceptGrant } from "@/lib/api";
import type { User } from "@/lib/api";
import { config } from "@/lib/config";
import { setLanguage } from "@/lib/i18n";
import { SERVER_CONFIG } from "@/lib/testing/config";

import { dollars, exactDollars, seesCosts } from "./money";

afterEach(() => setLanguage("en"));

describe("dollars", () => {
  it.each([
    ["0", "$0.00"],
    ["0.00000012", "< $0.0001"],
    ["0.00431", "$0.0043"],
    ["0.8", "$0.80"],
    ["0.999", "$1.00"],
    ["1.2", "$1.20"],
    ["1234.5", "$1,234.50"],
  ])("%s is %s", (amount, shown) => {
    expect(dollars(amount)).toBe(shown);
  });

  it("leave no digit of a price out", () => {
    expect(exactDollars("0.0213")).toBe("$0.0213");
    expect(exactDollars("0.05")).toBe("$0.05");
    expect(exactDollars("10")).toBe("$10.00");
  });

  it("stand behind the number in Ukrainian", () => {
    setLanguage("uk");
    expect(dollars("0.0043")).toMatch(/^0,0043\s\$$/);
  });
});

describe("costs", () => {
  it.each([
    ["everyone", false, true],
    ["staff", false, false],
    ["staff", true, true],
    ["nobody", true, false],
  ] as const)("for %s are shown to staff=%s: %s", (shown, isStaff, expected) => {
    config.value = { ...SERVER_CONFIG, show_costs: shown };
    acceptGrant({ user: { id: "a", is_staff: isStaff } as User, access_token: "t", expires_in: 9 });
    expect(seesCosts()).toBe(expected);
  });
});
