import { describe, expect, it } from "vitest";

import { agentFunction } from "../testing/shapes";
import { groupsOf } from "./groups";

const of = (name: string, endpoint_url: string, effect: "read" | "write" = "read") => agentFunction({ name, endpoint_url, effect });

describe("functions of a document", () => {
  it("stand by what they are about, those that only read first", () => {
    const groups = groupsOf([
      of("delete_pet", "https://a.example/api/v1/pets/{id}", "write"),
      of("list_orders", "https://a.example/api/v1/orders"),
      of("get_pet", "https://a.example/api/v1/pets/{id}"),
    ]);
    expect(groups.map(({ name, functions }) => [name, functions.map((one) => one.name)])).toEqual([
      ["pets", ["get_pet", "delete_pet"]],
      ["orders", ["list_orders"]],
    ]);
  });

  it("stand together where nothing says what they are about", () => {
    expect(groupsOf([of("echo", ""), of("now", "")]).map(({ name }) => name)).toEqual([""]);
  });
});
