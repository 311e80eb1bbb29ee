import { describe, expect, it } from "vitest";

import type { Config } from "@/lib/api";

import { routePaths } from "../../scripts/routes";

describe("the list of addresses that the server gets", () => {
  it("is that of all features", async () => {
    const { availableFeatures } = await import("./features");
    const modules = { includes: () => true } as unknown as string[];
    const all = availableFeatures({ modules, environment: "development" } as Config);
    const known = all.flatMap(({ routes }) => routes.map(({ path }) => path));
    expect(known.length).toBeGreaterThan(10);
    expect(routePaths()).toEqual([...new Set(known)].sort());
  });
});
