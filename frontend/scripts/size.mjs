/**
 * Gzip size of the JavaScript that screens load, with all that they import statically. What comes later (Markdown,
 * highlighting, dialogs, other pages) is dynamic. Beside it, that a vendor's client for calls is fetched by no page that
 * needs none.
 *
 * `node scripts/size.mjs` fails when a sum is over its budget.
 */
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

/** The first screen after login: the entry, and the page of the first navigation entry. */
const FIRST = { name: "first screen after login", roots: ["src/main.tsx", "src/features/aichat/ChatPage.tsx"], budget: 60_000 };
const BUILDER = { name: "builder of agents", roots: ["src/features/agents/builder/BuilderPage.tsx"], budget: 45_000 };
const CALLS = { name: "calls on every page", roots: ["src/features/calls/background.ts"], budget: 8_000 };
/** All that a call brings, wherever it goes, but for the vendor's own client. */
const SCREEN = {
  name: "a call, whole",
  roots: ["screens/CallScreen.tsx", "screens/MiniBar.tsx", "screens/OverCard.tsx", "media/index.ts", "sfu/janus.ts"].map(
    (file) => `src/features/calls/${file}`,
  ),
  budget: 60_000,
};
const VENDOR = "src/features/calls/sfu/hms.ts";
const DIST = new URL("../dist/", import.meta.url);

const manifest = JSON.parse(readFileSync(new URL(".vite/manifest.json", DIST), "utf8"));

/** The chunk and everything it imports statically. */
function withImports(name, seen = new Set()) {
  const chunk = manifest[name];
  if (chunk === undefined) throw new Error(`${name} is not in the manifest: was it built, or renamed?`);
  if (seen.has(name)) return seen;
  seen.add(name);
  for (const imported of chunk.imports ?? []) withImports(imported, seen);
  return seen;
}

function all(names) {
  return names.reduce((seen, name) => withImports(name, seen), new Set());
}

/** Tells what it weighs without what was there before, and answers all that is there then. */
function weigh({ name, roots, budget }, before = new Set()) {
  const names = all(roots);
  const files = [...names].filter((one) => !before.has(one)).map((one) => manifest[one].file);
  const scripts = files.filter((file) => file.endsWith(".js"));
  const rows = scripts.map((file) => ({ file, bytes: gzipSync(readFileSync(new URL(file, DIST))).length }));
  const total = rows.reduce((sum, row) => sum + row.bytes, 0);
  for (const { file, bytes } of rows.sort((a, b) => b.bytes - a.bytes)) {
    console.log(`${(bytes / 1000).toFixed(1).padStart(7)} kB  ${file}`);
  }
  console.log(`${(total / 1000).toFixed(1).padStart(7)} kB  ${name}, gzip (budget ${budget / 1000} kB)`);
  if (total > budget) process.exitCode = 1;
  return names;
}

const first = weigh(FIRST);
weigh(BUILDER, first);
weigh(CALLS, all(Object.keys(manifest).filter((name) => name.startsWith("src/") && !name.startsWith("src/features/calls/"))));

weigh(SCREEN, first);

const vendors = new Set([...withImports(VENDOR)].filter((name) => manifest[name].file.includes("/hms-")));
const takers = Object.keys(manifest).filter((name) => manifest[name].imports?.some((imported) => vendors.has(imported)));
if (vendors.size === 0 || takers.length > 0) {
  console.log(`The vendor's client for calls is no chunk of its own, or is imported by: ${takers.join(", ")}`);
  process.exitCode = 1;
}
