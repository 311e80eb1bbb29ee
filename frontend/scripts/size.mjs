/**
 * Gzip size of the JavaScript that the first screen after login loads: the entry, the page of the first navigation
 * entry, and all that these import statically. What comes later (Markdown, highlighting, other pages) is dynamic.
 *
 * `node scripts/size.mjs` fails when the sum is over the budget.
 */
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const BUDGET = 60_000;
const ROOTS = ["src/main.tsx", "src/features/aichat/ChatPage.tsx"];
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

const names = ROOTS.reduce((seen, root) => withImports(root, seen), new Set());
const files = [...names].map((name) => manifest[name].file).filter((file) => file.endsWith(".js"));
const rows = files.map((file) => ({ file, bytes: gzipSync(readFileSync(new URL(file, DIST))).length }));
const total = rows.reduce((sum, row) => sum + row.bytes, 0);

for (const { file, bytes } of rows.sort((a, b) => b.bytes - a.bytes)) {
  console.log(`${(bytes / 1000).toFixed(1).padStart(7)} kB  ${file}`);
}
console.log(`${(total / 1000).toFixed(1).padStart(7)} kB  first screen after login, gzip (budget ${BUDGET / 1000} kB)`);
process.exitCode = total > BUDGET ? 1 : 0;
