// @vitest-environment node
import { readFileSync } from "node:fs";

import { expect, it } from "vitest";

/** What may be built into files that this site hands out under its own licence; the EPL asks for nothing beyond its own files. */
const GIVEN_ON = ["MIT", "ISC", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "0BSD", "EPL-2.0", "(MPL-2.0 OR Apache-2.0)"];

const { packages } = JSON.parse(readFileSync(new URL("../package-lock.json", import.meta.url), "utf8"));

it("every package that pages are built of may be given on", () => {
  const built = Object.entries(packages).filter(([path, { dev, optional }]) => path !== "" && !dev && !optional);
  expect(built.length).toBeGreaterThan(5);
  const others = built.filter(([, { license }]) => !GIVEN_ON.includes(license));
  expect(others.map(([path, { license }]) => `${path} ${license}`)).toEqual([]);
});
