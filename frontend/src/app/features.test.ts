import { describe, expect, it } from "vitest";

import type { Config } from "@/lib/api";
import { SERVER_CONFIG } from "@/lib/testing/config";

import type { Feature } from "./feature";
import { availableFeatures, findRoute, homePath, navEntries } from "./features";

function config(modules: string[], environment: Config["environment"] = "production"): Config {
  return { ...SERVER_CONFIG, environment, modules };
}

function feature(name: string, order: number): Feature {
  return {
    name,
    module: name,
    nav: { href: `/app/${name}`, label: () => name, icon: "chat", order },
    routes: [
      {
        path: `/app/${name}/:id?`,
        access: "user",
        title: () => name,
        load: () => Promise.reject(new Error("not needed")),
      },
    ],
  };
}

const ALL = [feature("late", 20), feature("early", 10)];

describe("availableFeatures", () => {
  it("has neither route nor entry for a module the server lacks", () => {
    const features = availableFeatures(config(["late"]), ALL).filter(({ name }) => name !== "design");
    expect(findRoute(features, "/app/early")).toBeNull();
    expect(navEntries(features).map((entry) => entry.href)).toEqual(["/app/late"]);
  });

  it("shows the design page in development", () => {
    expect(findRoute(availableFeatures(config([], "development"), ALL), "/app/design")).not.toBeNull();
  });
});

describe("findRoute", () => {
  it("answers the parameters", () => {
    expect(findRoute(ALL, "/app/early/7")?.params).toEqual({ id: "7" });
  });
});

describe("homePath", () => {
  it("is the first entry of the navigation", () => {
    expect(homePath(ALL)).toBe("/app/early");
  });

  it("is the door when there is nothing else", () => {
    expect(homePath([])).toBe("/app/login");
  });
});
