import { beforeEach, expect, it } from "vitest";

import { acceptGrant, expireSession, forgetSession } from "@/lib/api";
import type { User } from "@/lib/api";

import { keepText, text } from "./desk";

function arrive(id: string): void {
  acceptGrant({ user: { id } as User, access_token: "token", expires_in: 900 });
}

beforeEach(() => {
  arrive("u1");
});

it("keeps what is written over a reload, for whoever wrote it alone", () => {
  const leave = keepText();
  text.source.value = "A secret";
  text.targetLang.value = "uk";
  dispatchEvent(new Event("pagehide"));
  leave();
  expect(Object.values(sessionStorage).join()).toContain("A secret");
  text.reset();
  const leaveAgain = keepText();
  expect([text.source.value, text.targetLang.value]).toEqual(["A secret", "uk"]);

  forgetSession("u1");
  expect(text.source.value).toBe("");
  leaveAgain();
  expect(Object.values(sessionStorage).join()).not.toContain("A secret");
  arrive("u2");
  keepText()();
  expect(text.source.value).toBe("");

  text.source.value = "Of the second";
  expireSession();
  arrive("u3");
  sessionStorage.setItem("kintsugi.translation.text.u3", "{");
  keepText()();
  expect(text.source.value).toBe("");
});
