import { beforeEach, expect, it } from "vitest";

import { setLanguage } from "@/lib/i18n";

import { alice, bob, message } from "../testing/people";
import { spokenLine } from "./spoken";

beforeEach(() => setLanguage("en"));

it("says who wrote, and system notes without a speaker", () => {
  expect(spokenLine(message(1, { sender: bob, content: "Tea?" }), alice.id)).toContain("bob");
  const system = { action: "left", actor: bob, people: [], name: "", call_type: null, seconds: null } as const;
  const note = message(2, { message_type: "system", sender: null, content: "", system: { ...system, people: [] } });
  const said = spokenLine(note, alice.id);
  expect(said).not.toContain("Deleted account");
  expect(said).toContain("bob");
});
