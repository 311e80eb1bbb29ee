import { beforeEach, describe, expect, it } from "vitest";

import { config } from "@/lib/config";
import { SERVER_CONFIG, SERVER_LIMITS } from "@/lib/testing/config";

import { alice, bob, conversation, message } from "../testing/people";
import { lastEditable, permissions } from "./actions";

const direct = conversation();
const asMember = conversation({ type: "group", role: "member" });
const asAdmin = conversation({ type: "group", role: "admin" });
const own = message(1, { sender: alice });
const now = Date.parse(own.created_at) + 1000;

beforeEach(() => {
  config.value = SERVER_CONFIG;
});

describe("permissions", () => {
  it("lets only the sender edit, and only for a while", () => {
    expect(permissions(own, direct, alice.id, now).canEdit).toBe(true);
    expect(permissions(own, direct, bob.id, now).canEdit).toBe(false);
    expect(permissions(own, direct, alice.id, now + SERVER_LIMITS.edit_window_seconds * 1000).canEdit).toBe(false);
  });

  it("lets the sender and the admins of a group delete", () => {
    expect(permissions(own, asMember, bob.id).canDelete).toBe(false);
    expect(permissions(own, asAdmin, bob.id).canDelete).toBe(true);
    expect(permissions(own, asMember, alice.id).canDelete).toBe(true);
  });

  it("lets everybody pin in a direct one, admins in a group", () => {
    expect(permissions(own, direct, bob.id).canPin).toBe(true);
    expect(permissions(own, asMember, alice.id).canPin).toBe(false);
    expect(permissions(own, asAdmin, bob.id).canPin).toBe(true);
  });

  it("offers nothing for what is deleted", () => {
    const gone = message(1, { sender: alice, is_deleted: true, content: "" });
    expect(Object.values(permissions(gone, asAdmin, alice.id)).some(Boolean)).toBe(false);
  });

  it("offers copying alone for what waits in the queue", () => {
    const queued = message(1, { sender: alice, seq: null });
    const may = permissions(queued, direct, alice.id);
    expect(Object.entries(may).filter(([, allowed]) => allowed)).toEqual([["canCopy", true]]);
  });

  it("offers no writing where one has blocked the other", () => {
    const may = permissions(own, conversation({ is_blocked: true }), alice.id, now);
    expect([may.canReply, may.canReact, may.canEdit]).toEqual([false, false, false]);
    expect(may.canDelete).toBe(true);
  });
});

describe("lastEditable", () => {
  it("is the last of one's own, past those of others and queued ones", () => {
    const recent = new Date().toISOString();
    const messages = [
      message(1, { sender: alice, created_at: recent }),
      message(2, { sender: alice, created_at: recent }),
      message(3, { created_at: recent }),
      message(0, { seq: null, sender: alice, created_at: recent }),
    ];
    expect(lastEditable(messages, direct, alice.id)?.seq).toBe(2);
    expect(lastEditable([message(3)], direct, alice.id)).toBeNull();
  });
});
