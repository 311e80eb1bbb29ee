/**
 * Gzip size of the JavaScript that the first screen after login loads: the entry, the page of the first navigation
 * entry, and all that these import statically. What comes later (Markdown, highlighting, other pages) is dynamic.
 *
 * Beside it what calls bring to every page, and that a vendor's client for calls is fetched by no page that needs none.
 *
 * `node scripts/size.mjs` fails when a sum is over its budget.
 */
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const BUDGET = 60_000;
const ROOTS = ["src/main.tsx", "src/features/aichat/ChatPage.tsx"];
const CALLS = "src/features/calls/background.ts";
const CALLS_BUDGET = 8_000;
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

function gzipped(name) {
  const { file } = manifest[name];
  return file.endsWith(".js") ? gzipSync(readFileSync(new URL(file, DIST))).length : 0;
}

const names = ROOTS.reduce((seen, root) => withImports(root, seen), new Set());
const files = [...names].map((name) => manifest[name].file).filter((file) => file.endsWith(".js"));
const rows = files.map((file) => ({ file, bytes: gzipSync(readFileSync(new URL(file, DIST))).length }));
const total = rows.reduce((sum, row) => sum + row.bytes, 0);

for (const { file, bytes } of rows.sort((a, b) => b.bytes - a.bytes)) {
  console.log(`${(bytes / 1000).toFixed(1).padStart(7)} kB  ${file}`);
}
console.log(`${(total / 1000).toFixed(1).padStart(7)} kB  first screen after login, gzip (budget ${BUDGET / 1000} kB)`);

const others = Object.keys(manifest).filter((name) => name.startsWith("src/") && !name.startsWith("src/features/calls/"));
const shared = others.reduce((seen, name) => withImports(name, seen), new Set());
const ringing = [...withImports(CALLS)].filter((name) => !shared.has(name));
const background = ringing.reduce((sum, name) => sum + gzipped(name), 0);
console.log(`${(background / 1000).toFixed(1).padStart(7)} kB  calls on every page, gzip (budget ${CALLS_BUDGET / 1000} kB)`);

const vendors = new Set([...withImports(VENDOR)].filter((name) => manifest[name].file.includes("/hms-")));
const takers = Object.keys(manifest).filter((name) => manifest[name].imports?.some((imported) => vendors.has(imported)));
const isLent = vendors.size > 0 && takers.length === 0;
if (!isLent) console.log(`The vendor's client for calls is no chunk of its own, or is imported by: ${takers.join(", ")}`);
process.exitCode = total > BUDGET || background > CALLS_BUDGET || !isLent ? 1 : 0;
