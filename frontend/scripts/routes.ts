/** The addresses of the client, for the server: it answers 404 for all others, with the same page. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import type { Plugin } from "vite";

const FEATURES = join(import.meta.dirname, "../src/features");

/** Every `path` of the features' routes, as they are written, such as `/app/chat/:id?`. */
export function routePaths(): string[] {
  const sources = readdirSync(FEATURES).map((name) => readFileSync(join(FEATURES, name, "index.ts"), "utf8"));
  const found = sources.flatMap((source) => [...source.matchAll(/\bpath: "(\/app[^"]*)"/g)].map(([, path = ""]) => path));
  return [...new Set(found)].sort();
}

/** A plugin of Vite that writes `routes.json` beside the assets. */
export function clientRoutes(): Plugin {
  return {
    name: "kintsugi-client-routes",
    apply: "build",
    generateBundle() {
      this.emitFile({ type: "asset", fileName: "routes.json", source: JSON.stringify(routePaths()) });
    },
  };
}
