import { describe, expect, it } from "vitest";

import { alice, bob, conversation } from "../testing/people";
import { consequenceOfLeaving } from "./members";

const joined = { read_seq: 0, last_read_at: null, joined_at: "2026-01-01T00:00:00Z" };
const group = (mine: "admin" | "member", bobs: "admin" | "member", count = 2) =>
  conversation({
    type: "group",
    role: mine,
    participant_count: count,
    participants: [
      { user: alice, role: mine, ...joined },
      { user: bob, role: bobs, ...joined },
    ],
  });

describe("leaving a group", () => {
  it("says who becomes admin only when nobody else is", () => {
    expect(consequenceOfLeaving(group("admin", "admin"), alice.id)).toBe("plain");
    expect(consequenceOfLeaving(group("member", "admin"), alice.id)).toBe("plain");
    expect(consequenceOfLeaving(group("admin", "member"), alice.id)).toBe("last-admin");
  });

  it("does not claim to know all members of a large group", () => {
    expect(consequenceOfLeaving(group("admin", "member", 60), alice.id)).toBe("maybe-last-admin");
  });

  it("ends the group with its last member", () => {
    expect(consequenceOfLeaving(group("admin", "member", 1), alice.id)).toBe("last-member");
  });
});
