import { beforeEach, describe, expect, it } from "vitest";

import { setLanguage } from "@/lib/i18n";

import type { SystemNote } from "../model";
import { alice, bob, charlie, media, message } from "../testing/people";
import { lastLine, noteText, summary } from "./lines";

const inGroup = { me: alice.id, isGroup: true };
const inDirect = { me: alice.id, isGroup: false };

function note(part: Partial<SystemNote>): SystemNote {
  return { action: "added", actor: bob, people: [], name: "", call_type: null, seconds: null, ...part };
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

  it("tells the facts of calls, and which agents wait", () => {
    expect(noteText(note({ action: "call_ended", call_type: "video", seconds: 725 }), alice.id)).toBe("Video call, 12:05");
    expect(noteText(note({ action: "call_started", call_type: "audio" }), alice.id)).toBe("bob started a call");
    expect(noteText(note({ action: "agents_stopped", actor: alice }), alice.id)).toBe("You stopped all agents here");
    const waiting = note({ action: "agents_wait", actor: null, people: [bob, charlie] });
    expect(noteText(waiting, alice.id)).toMatch(/^bob and charlie: waiting/);
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
      "call_started",
      "call_ended",
      "call_missed",
      "agents_stopped",
      "agents_resumed",
      "agents_wait",
    ];
    for (const language of ["en", "uk"] as const) {
      setLanguage(language);
      for (const action of actions) {
        for (const actor of [alice, bob, null]) {
          for (const call_type of ["audio", "video", null] as const) {
            const told = note({ action, actor, people: [charlie], name: "Tea", call_type, seconds: 725 });
            expect(noteText(told, alice.id)).not.toMatch(/[{}_]|undefined/);
          }
        }
      }
    }
  });
});
