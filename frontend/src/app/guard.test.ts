import { describe, expect, it } from "vitest";

import type { FeatureRoute } from "./feature";
import { redirectFor } from "./guard";

function visit(access: FeatureRoute["access"] | null, signedIn: boolean, path = "/app/chat/1", search = "") {
  const route = { path, access: access ?? "anyone", title: () => "", load: () => Promise.reject(new Error()) };
  const match = access === null ? null : { route, params: {} };
  return redirectFor({ path, search, match, signedIn, home: "/app/chat", next: "/app/usage" });
}

describe("redirectFor", () => {
  it("sends a guest to the door and remembers where they were going", () => {
    expect(visit("user", false, "/app/chat/1", "q=a&b=c")).toBe("/app/login?next=%2Fapp%2Fchat%2F1%3Fq%3Da%26b%3Dc");
  });

  it("takes somebody who signed in to where they were going", () => {
    expect(visit("guest", true)).toBe("/app/usage");
  });

  it.each([
    ["user", true],
    ["guest", false],
    ["anyone", false],
    ["anyone", true],
    [null, false],
  ] as const)("lets a page for %s be seen when signed in is %s", (access, signedIn) => {
    expect(visit(access, signedIn)).toBeNull();
  });

  it("opens /app at home, or at the door", () => {
    expect(visit(null, true, "/app")).toBe("/app/chat");
    expect(visit(null, false, "/app")).toBe("/app/login");
  });
});
