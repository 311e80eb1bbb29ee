import { fileURLToPath } from "node:url";

import preact from "@preact/preset-vite";
import { defineConfig } from "vitest/config";

import { emojiData } from "./scripts/emoji.mjs";
import { clientRoutes } from "./scripts/routes.ts";
import { serviceWorker } from "./scripts/serviceWorker.ts";

/** Where `manage.py runserver` listens while the client is developed. */
const DJANGO = process.env.DJANGO_URL ?? "http://127.0.0.1:8080";

/** Small modules that the first screen shares with others. */
const FIRST_SCREEN = /src\/lib\/(?:debounced|framePacer|growingText|patience|saveFile|serverClock|sse|uuid)\.ts$|src\/ui\/listKeys\.ts$/;

export default defineConfig(({ mode }) => ({
  // One origin: Django serves the build below STATIC_URL, and the dev server answers for the same paths.
  base: "/static/",
  // The test runner needs neither hot reload nor the Babel pass that comes with it.
  plugins:
    mode === "test" ? [emojiData()] : [emojiData(), preact({ reactAliasesEnabled: false }), clientRoutes(), serviceWorker()],
  ...(mode === "test" && { oxc: { jsx: { runtime: "automatic", importSource: "preact" } } }),
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: {
    manifest: true,
    target: "es2022",
    sourcemap: true,
    rolldownOptions: {
      input: ["src/main.tsx", "src/pages/site.css"],
      // Each is needed by the first screen: apart they would be files of a few hundred bytes.
      output: { codeSplitting: { groups: [{ name: "small", test: FIRST_SCREEN }] } },
    },
  },
  server: {
    // Everything that is not a module of the client is Django's, the shell page included.
    proxy: { "^/(?!static/|@)": { target: DJANGO, ws: true } },
  },
  test: {
    environment: "happy-dom",
    include: ["src/**/*.test.{ts,tsx}", "scripts/**/*.test.mjs"],
    // What counts is what is found, not how long a busy machine took.
    testTimeout: 30_000,
    restoreMocks: true,
    unstubGlobals: true,
  },
}));
