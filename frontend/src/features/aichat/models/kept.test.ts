import { beforeEach, describe, expect, it } from "vitest";

import { acceptGrant, forgetSession } from "@/lib/api";
import type { User } from "@/lib/api";

import { kept, noteUse, togglePinned } from "./kept";

const KEY = "kintsugi.models.";

function signIn(id: string): void {
  acceptGrant({ user: { id } as User, access_token: "t", expires_in: 900 });
}

beforeEach(() => {
  localStorage.clear();
  signIn("alice");
});

describe("what a person keeps of models", () => {
  it("is the pins, and the last five used without repeats", () => {
    for (const id of ["a", "b", "c", "d", "e", "f", "b"]) noteUse(id);
    togglePinned("x");
    togglePinned("y");
    togglePinned("x");
    expect(kept.value).toEqual({ pinned: ["y"], recent: ["b", "f", "e", "d", "c"] });
  });

  it("is each person's own, found again, and gone from this browser when they sign out", () => {
    togglePinned("a");
    signIn("bob");
    expect(kept.value).toEqual({ pinned: [], recent: [] });
    signIn("alice");
    expect(kept.value.pinned).toEqual(["a"]);
    forgetSession();
    expect(localStorage.getItem(`${KEY}alice`)).toBeNull();
    expect(kept.value.pinned).toEqual([]);
  });

  it.each(["{", "null", "[]", '{"pinned":3,"recent":[1,"a"]}'])("survives %j in its place", (text) => {
    localStorage.setItem(`${KEY}carol`, text);
    signIn("carol");
    expect(kept.value.pinned).toEqual([]);
    togglePinned("a");
    expect(kept.value.pinned).toEqual(["a"]);
  });
});
