import { beforeEach, describe, expect, it } from "vitest";

import { setLanguage } from "@/lib/i18n";

import type { SystemNote } from "../model";
import { alice, bob, charlie, media, message } from "../testing/people";
import { lastLine, noteText, summary } from "./lines";

const inGroup = { me: alice.id, isGroup: true };
const inDirect = { me: alice.id, isGroup: false };

function note(part: Partial<SystemNote>): SystemNote {
  return { action: "added", actor: bob, people: [], name: "", ...part };
}

beforeEach(() => setLanguage("en"));

describe("lastLine", () => {
  it("says who spoke where that is not plain", () => {
    expect(lastLine(message(1, { content: "Tea?" }), inDirect)).toBe("Tea?");
    expect(lastLine(message(1, { content: "Tea?" }), inGroup)).toBe("bob: Tea?");
    expect(lastLine(message(1, { content: "Tea?", sender: alice }), inDirect)).toBe("You: Tea?");
  });

  it("names files by their kind, with the words beside them", () => {
    const photo = message(1, { message_type: "image", content: "at sea", media: media() });
    const voice = media({ kind: "audio", name: "voice-1.webm" });
    expect(lastLine(photo, inDirect)).toBe("Photo · at sea");
    expect(lastLine(message(1, { message_type: "audio", content: "", media: voice }), inDirect)).toBe("Voice message");
    const file = message(1, { message_type: "file", content: "", media: media({ kind: "pdf", name: "plan.pdf" }) });
    expect(lastLine(file, inDirect)).toBe("plan.pdf");
  });

  it("does not repeat what was deleted", () => {
    expect(lastLine(message(1, { is_deleted: true, content: "" }), inDirect)).toBe("Message deleted");
  });

  it("fits one line", () => {
    expect(summary(message(1, { content: " a\n\n b\tc " }), alice.id)).toBe("a b c");
  });

  it("says system notes without a speaker", () => {
    const said = message(1, { message_type: "system", sender: null, content: "", system: note({ action: "left" }) });
    expect(lastLine(said, inGroup)).toBe("bob left");
  });
});

describe("noteText", () => {
  it("speaks of oneself as you", () => {
    expect(noteText(note({ people: [charlie, alice] }), alice.id)).toBe("bob added charlie and you");
    expect(noteText(note({ actor: alice, people: [charlie] }), alice.id)).toBe("You added charlie");
    expect(noteText(note({ action: "promoted", people: [alice] }), alice.id)).toBe("You: now an admin");
  });

  it("has words for every action in both languages", () => {
    const actions: SystemNote["action"][] = [
      "created",
      "renamed",
      "avatar_changed",
      "added",
      "joined",
      "removed",
      "left",
      "promoted",
      "demoted",
      "call_missed",
    ];
    for (const language of ["en", "uk"] as const) {
      setLanguage(language);
      for (const action of actions) {
        for (const actor of [alice, bob, null]) {
          const words = noteText(note({ action, actor, people: [charlie], name: "Tea" }), alice.id);
          expect(words).not.toMatch(/[{}_]|undefined/);
        }
      }
    }
  });
});
