// @vitest-environment node
import { Linter } from "eslint";
import tseslint from "typescript-eslint";
import { describe, expect, it } from "vitest";

import { CONTRACTS, FEATURES } from "../eslint.contracts.js";

const linter = new Linter();
const CONFIG = [{ files: ["**/*.{ts,tsx}"], languageOptions: { parser: tseslint.parser } }, ...CONTRACTS];

/** The rules that a file with this text breaks. */
function broken(filename, text) {
  return linter.verify(text, CONFIG, { filename }).map(({ ruleId }) => ruleId);
}

describe("who may import whom", () => {
  it.each([
    ["src/lib/title.ts", "@/ui"],
    ["src/lib/title.ts", "@/app/start"],
    ["src/lib/api/client.ts", "../../features/messenger/model"],
    ["src/lib/title.test.tsx", "@/ui/Button"],
    ["src/ui/List.tsx", "@/features/auth"],
    ["src/ui/List.tsx", "../app/start"],
    ["src/ui/List.tsx", "@/lib/api"],
    ["src/ui/List.tsx", "../lib/i18nOther"],
    ["src/features/aichat/index.ts", "@/features/billing/money"],
    ["src/features/aichat/index.ts", "../billing"],
    ["src/features/aichat/model/usage.ts", "../../billing/shapes"],
    ["src/features/aichat/model/usage.ts", "../../../features/billing/shapes"],
    ["src/features/aichat/index.ts", "@/app/start"],
    ["src/features/aichat/index.ts", "../../app/guard"],
  ])("%s does not import %s", (filename, source) => {
    expect(broken(filename, `export * from "${source}";`)).toEqual(["no-restricted-imports"]);
    expect(broken(filename, `import type { X } from "${source}"; export type Y = X;`)).toEqual(["no-restricted-imports"]);
    expect(broken(filename, `export const load = () => import("${source}");`)).toEqual(["no-restricted-syntax"]);
  });

  it.each([
    ["src/lib/title.ts", "@/lib/api"],
    ["src/lib/api/client.ts", "../uiless"],
    ["src/ui/List.tsx", "@/lib/i18n"],
    ["src/ui/List.tsx", "./Button"],
    ["src/features/aichat/index.ts", "@/app/feature"],
    ["src/features/aichat/model/usage.ts", "../shapes"],
    ["src/features/messenger/list/Row.tsx", "../model"],
    ["src/features/messenger/index.ts", "./settings"],
    ["src/features/aichat/index.ts", "@/ui"],
    ["src/app/features.ts", "@/features/aichat"],
  ])("%s may import %s", (filename, source) => {
    expect(broken(filename, `export * from "${source}";`)).toEqual([]);
    expect(broken(filename, `export const load = () => import("${source}");`)).toEqual([]);
  });

  it("every feature has its contract", () => {
    expect(FEATURES.length).toBeGreaterThan(1);
    for (const feature of FEATURES) {
      for (const other of FEATURES.filter((name) => name !== feature)) {
        expect(broken(`src/features/${feature}/index.ts`, `export * from "../${other}";`)).toHaveLength(1);
      }
    }
  });
});

describe("how long a piece may be", () => {
  const lines = (count) => "  go();\n".repeat(count);

  it("a function has 80 lines", () => {
    expect(broken("src/lib/a.ts", `export function a() {\n${lines(78)}}\n`)).toEqual([]);
    expect(broken("src/lib/a.ts", `export function a() {\n${lines(79)}}\n`)).toEqual(["max-lines-per-function"]);
    expect(broken("src/lib/a.test.ts", `describe("a", () => {\n${lines(100)}});\n`)).toEqual([]);
  });

  it("a module has 400 lines, a test too", () => {
    expect(broken("src/lib/a.ts", lines(400))).toEqual([]);
    expect(broken("src/lib/a.test.ts", lines(401))).toEqual(["max-lines"]);
  });
});
