import { beforeEach, expect, it, vi } from "vitest";

import { acceptGrant, currentUser } from "@/lib/api";
import type { User } from "@/lib/api";
import { publish } from "@/lib/realtime/eventBus";
import { json, serve } from "@/lib/testing/serve";

import { startFollowingProfile } from "./profile";

const alice = { id: "alice", username: "alice", display_name: "Alice", avatar_url: "" } as User;
const changed = () => publish({ type: "profile.updated", payload: { fields: ["display_name"] }, seq: 1 });

startFollowingProfile();
beforeEach(() => acceptGrant({ user: alice, access_token: "t", expires_in: 900 }));

it("shows the name and the picture that were given on another device, also at the next visit", async () => {
  serve({ "GET /api/auth/me": () => json({ user: { ...alice, display_name: "Аліса", avatar_url: "/a.webp" } }) });
  changed();
  await vi.waitFor(() => expect(currentUser.value?.display_name).toBe("Аліса"));
  expect(currentUser.value?.avatar_url).toBe("/a.webp");
  expect(localStorage.getItem("kintsugi.profile")).toContain("Аліса");
});

it("asks at a greeting that knows another name or picture, and at no other", async () => {
  const { seen } = serve({ "GET /api/auth/me": () => json({ user: { ...alice, avatar_url: "/a.webp" } }) });
  const greet = (avatar_url: string, name = "Alice") =>
    publish({ type: "hello", payload: { user: { id: "alice", username: "alice", name, avatar_url, kind: "human" } } });
  greet("");
  greet("/a.webp");
  await vi.waitFor(() => expect(currentUser.value?.avatar_url).toBe("/a.webp"));
  greet("/a.webp");
  expect(seen).toHaveLength(1);
  greet("/a.webp", "Аліса");
  await vi.waitFor(() => expect(seen).toHaveLength(2));
});

it("ends with what was asked for last, whatever is answered last", async () => {
  const answers: ((name: string) => void)[] = [];
  const { seen } = serve({
    "GET /api/auth/me": () =>
      new Promise((done) => answers.push((display_name) => done(json({ user: { ...alice, display_name } })))),
  });
  changed();
  changed();
  await vi.waitFor(() => expect(answers).toHaveLength(2));
  answers[1]?.("Second");
  await vi.waitFor(() => expect(currentUser.value?.display_name).toBe("Second"));
  answers[0]?.("First");
  await new Promise((done) => setTimeout(done));
  expect([currentUser.value?.display_name, seen.length]).toEqual(["Second", 2]);
});

it("gives nobody the profile of whoever was here before", async () => {
  const answers: ((response: Response) => void)[] = [];
  serve({ "GET /api/auth/me": () => new Promise((done) => answers.push(done)) });
  changed();
  await vi.waitFor(() => expect(answers).toHaveLength(1));
  acceptGrant({ user: { ...alice, id: "bob", display_name: "Bob" }, access_token: "t", expires_in: 900 });
  answers[0]?.(json({ user: alice }));
  await new Promise((done) => setTimeout(done));
  expect(currentUser.value?.display_name).toBe("Bob");
});
