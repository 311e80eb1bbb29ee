/** The build of the service worker: after the client's, because it must know the names of all its files. */
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";

import { build } from "vite";
import type { Plugin } from "vite";

const ENTRY = fileURLToPath(new URL("../src/worker/index.ts", import.meta.url));
const BASE = "/static/";
/** Too large to be fetched by everybody for a day without a network; kept once it was used. */
const WHEN_USED = /^assets\/(?:mathml|diagram|diagramWorker|highlight|hms|DesignPage|site)-/;
/** What the page and a notice show beside the assets. */
const BESIDE = ["icon.svg", "icons/icon-192.png", "icons/badge-96.png"];

/** A plugin of Vite that writes `sw.js` beside the assets. */
export function serviceWorker(): Plugin {
  return {
    name: "kintsugi-service-worker",
    apply: "build",
    async writeBundle({ dir }, bundle) {
      const entry = Object.values(bundle).find((file) => file.type === "chunk" && file.isEntry && file.name === "main");
      if (dir === undefined || entry === undefined) throw new Error("There is no build to make a worker for.");
      const files = Object.keys(bundle).filter((name) => /^assets\/.+\.(?:js|css)$/.test(name) && !WHEN_USED.test(name));
      const assets = [...files, ...BESIDE].sort().map((name) => BASE + name);
      const id = createHash("sha256").update(Object.keys(bundle).sort().join("\n")).digest("hex").slice(0, 12);
      await build({
        configFile: false,
        logLevel: "warn",
        publicDir: false,
        define: { __RELEASE__: JSON.stringify({ id, entry: entry.fileName, assets }) },
        build: {
          outDir: dir,
          emptyOutDir: false,
          target: "es2022",
          copyPublicDir: false,
          lib: { entry: ENTRY, formats: ["iife"], name: "worker", fileName: () => "sw.js" },
        },
      });
    },
  };
}
