/** Who may import whom, and how long a piece may be. `scripts/contracts.test.mjs` shows that each of them can fail. */
import { readdirSync } from "node:fs";
import { join } from "node:path";

/** Whoever adds a folder to `src/features` has its contract. */
export const FEATURES = readdirSync(join(import.meta.dirname, "src/features"), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);

/** What lies in a folder of `src`, named by the alias or by the way up to it: `@/ui`, `../../ui/Button`. */
const inside = (folder) => `^(?:@/|(?:\\.\\./)+(?:src/)?)${folder}(?:/|$)`;

/**
 * What the files of a folder may not import, neither at the top nor by `import()`.
 * `bans`: pairs of a regular expression for what is imported, and the sentence that says why not.
 */
function contract(folder, ...bans) {
  return {
    files: [`src/${folder}/**/*.{ts,tsx}`],
    rules: {
      "no-restricted-imports": ["error", { patterns: bans.map(([regex, message]) => ({ regex, message })) }],
      "no-restricted-syntax": [
        "error",
        // A selector cannot hold a slash.
        ...bans.map(([regex, message]) => ({
          selector: `ImportExpression[source.value=/${regex.replaceAll("/", "\\u002f")}/]`,
          message,
        })),
      ],
    },
  };
}

function featureContract(feature) {
  const others = FEATURES.filter((name) => name !== feature).join("|");
  return contract(
    `features/${feature}`,
    [inside(`(?:features/)?(?:${others})`), "Features never import each other: what two of them need belongs in lib or ui."],
    [inside("app/(?!feature$).*"), "Of the shell a feature knows the types of app/feature only."],
  );
}

export const CONTRACTS = [
  {
    files: ["src/**/*.{ts,tsx}"],
    rules: {
      "max-lines": ["error", { max: 400 }],
      "max-lines-per-function": ["error", { max: 80, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    // A function that describes a subject is a list of tests, not a piece of work.
    files: ["src/**/*.test.{ts,tsx}"],
    rules: { "max-lines-per-function": "off" },
  },
  contract("lib", [inside("(?:ui|features|app)"), "lib stands below everything else: it imports lib only."]),
  contract(
    "ui",
    [inside("(?:features|app)"), "ui knows no feature and no shell."],
    [inside("lib/(?!(?:i18n|back)(?:/|$)).*"), "ui knows no server: of lib it imports i18n and back only."],
  ),
  ...FEATURES.map(featureContract),
];
