import { cleanup, fireEvent, render, screen } from "@/lib/testing/library";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { setLanguage } from "@/lib/i18n";

import { MessengerContext } from "../context";
import type { ShownMessage } from "../model";
import { fakeMessenger, fakeView } from "../testing/fake";
import type { FakeView } from "../testing/fake";
import { alice, bob, charlie, conversation, media, message } from "../testing/people";
import { MessageActions } from "./actions";
import { fit } from "./Attachment";
import { MessageRow } from "./MessageRow";

let view: FakeView;
const jumpTo = vi.fn();

/** Answers how to show another state of it in the same place. */
function show(shown: ShownMessage, type: "direct" | "group" = "direct"): (next: ShownMessage) => void {
  view = fakeView(conversation({ type }), [shown]);
  const context = {
    conversation: conversation({ type }),
    me: alice.id,
    myUsername: "alice",
    everybody: new Set(["all"]),
    usernames: new Set(["alice", "bob"]),
    names: new Map([[bob.id, "bob"]]),
    actions: new MessageActions(view, () => undefined),
    openMenu: vi.fn(),
    jumpTo,
  };
  const messenger = fakeMessenger([view]);
  const row = (drawn: ShownMessage) => (
    <MessengerContext.Provider value={messenger}>
      <MessageRow message={drawn} album={[]} isFirst isLast isTarget={false} context={context} />
    </MessengerContext.Provider>
  );
  const { rerender } = render(row(shown));
  return (next) => rerender(row(next));
}

beforeEach(() => {
  setLanguage("en");
  jumpTo.mockReset();
});

afterEach(cleanup);

describe("MessageRow", () => {
  it.each(["sending", "sent", "read"] as const)("says in words that one's own is %s", (state) => {
    show(message(1, { sender: alice, delivery: { state } }));
    expect(screen.getByRole("img").getAttribute("aria-label")?.toLowerCase()).toBe(state);
  });

  it("says why something was not sent, and what can be done", () => {
    const delivery = { state: "failed", sentence: "You are blocked.", retryable: true } as const;
    show(message(1, { sender: alice, seq: null, key: "k-1", delivery }));
    expect(screen.getByRole("alert").textContent).toContain("You are blocked.");
    fireEvent.click(screen.getByRole("button", { name: "Try again" }));
    fireEvent.click(screen.getByRole("button", { name: "Discard" }));
    expect(view.calls).toEqual([
      ["resend", "k-1"],
      ["discard", "k-1"],
    ]);
  });

  it("offers no second try where it cannot help", () => {
    show(message(1, { sender: alice, seq: null, delivery: { state: "failed", sentence: "Too long.", retryable: false } }));
    expect(screen.queryByRole("button", { name: "Try again" })).toBeNull();
  });

  it("opens links apart from this page and gives them no handle on it", () => {
    show(message(1, { content: "see https://example.com" }));
    const link = screen.getByRole("link", { name: "https://example.com" });
    expect([link.getAttribute("target"), link.getAttribute("rel")]).toEqual(["_blank", "noopener noreferrer nofollow"]);
  });

  it("shows markup as it was written", () => {
    show(message(1, { content: "<img src=x onerror=alert(1)>" }));
    expect(screen.getByText("<img src=x onerror=alert(1)>")).toBeTruthy();
  });

  it("leads from a quotation to what was said", () => {
    const reply_to = { id: "m-1", seq: 1, sender: bob, message_type: "text", content: "Tea?", is_deleted: false };
    show(message(2, { reply_to }));
    fireEvent.click(screen.getByRole("button", { name: "In reply to bob: Tea?" }));
    expect(jumpTo).toHaveBeenCalledWith(1);
  });

  it("leaves a stone where something was deleted", () => {
    show(message(1, { is_deleted: true, content: "", reactions: [] }));
    expect(screen.getByText("Message deleted")).toBeTruthy();
    expect(screen.queryByRole("button", { name: "Reply" })).toBeNull();
  });

  it("counts reactions and takes back one's own", () => {
    show(message(1, { reactions: [{ emoji: "🔥", user_ids: [alice.id, bob.id, charlie.id] }] }));
    const fire = screen.getByRole("button", { name: "🔥 3: You, bob, others" });
    expect(fire.getAttribute("aria-pressed")).toBe("true");
    fireEvent.click(fire);
    expect(view.calls).toEqual([["react", "m-1", "🔥"]]);
  });

  it("names who speaks in a group, and marks agents", () => {
    show(message(1, { sender: { ...bob, kind: "agent" } }), "group");
    expect(screen.getByText("Agent").parentElement?.textContent).toBe("bobAgent");
  });

  it("says forwarded and edited", () => {
    show(message(1, { is_forwarded: true, forwarded_from: charlie, is_edited: true }));
    expect(screen.getByText("Forwarded from charlie")).toBeTruthy();
    expect(screen.getByText("edited")).toBeTruthy();
  });

  it("keeps the room of a picture before it comes", () => {
    show(message(1, { message_type: "image", content: "", media: media({ width: 1200, height: 800 }) }));
    const button = screen.getByRole("button", { name: "Open the photo of bob" });
    expect(button.style.aspectRatio).toBe("336 / 224");
  });

  it("shows one's own picture from the server once its local copy is gone", () => {
    const queued = message(1, { message_type: "image", content: "", media: media({}), sender: alice, localUrl: "blob:own" });
    const rerender = show(queued);
    const picture = () => screen.getByRole("button", { name: "Open the photo of You" }).querySelector("img");
    expect(picture()?.getAttribute("src")).toBe("blob:own");
    rerender({ ...queued, localUrl: null });
    expect(picture()?.getAttribute("src")).toMatch(/^\/static/);
  });

  it("tells the length of one's own voice message once the server has measured it", () => {
    const voice = media({ kind: "audio", name: "voice-1.weba", duration: null });
    const rerender = show(message(1, { message_type: "audio", content: "", media: voice, localUrl: "blob:own" }));
    rerender(message(1, { message_type: "audio", content: "", media: { ...voice, duration: 62.5 } }));
    expect(screen.getByRole("slider").getAttribute("aria-valuetext")).toBe("0:00 / 1:03");
  });

  it("shows that a file waits for its turn, before the first byte has gone", () => {
    const waiting = { loaded: null, total: 1000 };
    show(message(1, { sender: alice, seq: null, delivery: { state: "sending" }, media: media(), upload: waiting }));
    expect(screen.getByRole("progressbar", { name: "Waiting to be uploaded" })).toBeTruthy();
  });

  it("lets what the system says run in the direction of its words", () => {
    const system = { action: "renamed", actor: bob, people: [], name: "שולחן", call_type: null, seconds: null } as const;
    show(message(1, { message_type: "system", content: "", system: { ...system } as unknown as ShownMessage["system"] }));
    expect(screen.getByText(/שולחן/).getAttribute("dir")).toBe("auto");
  });

  it("offers a file with its name and size", () => {
    const pdf = media({ kind: "pdf", name: "plan.pdf", size: 2_430_000 });
    show(message(1, { message_type: "file", content: "", media: pdf }));
    expect(screen.getByRole("link", { name: "Download plan.pdf" }).getAttribute("download")).toBe("plan.pdf");
    expect(screen.getByText("2.4 MB")).toBeTruthy();
  });
});

describe("fit", () => {
  it("keeps the shape within the box", () => {
    expect(fit(800, 1600)).toEqual({ width: 200, height: 400 });
    expect(fit(100, 4000)).toEqual({ width: 120, height: 400 });
    expect(fit(null, null)).toEqual({ width: 280, height: 210 });
  });
});
