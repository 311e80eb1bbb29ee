import { cleanup, fireEvent, render, screen } from "@/lib/testing/library";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { acceptGrant } from "@/lib/api";
import type { User } from "@/lib/api";
import { setLanguage } from "@/lib/i18n";
import { online } from "@/lib/online";

import { MessengerContext } from "../context";
import type { ConversationRow } from "../model";
import { endSearch, overlay, searchText } from "../overlays";
import { fakeMessenger, fakeRow } from "../testing/fake";
import type { FakeMessenger } from "../testing/fake";
import { alice, bob, charlie, conversation, message } from "../testing/people";
import { ConversationList } from "./ConversationList";
import { matching } from "./filter";

let messenger: FakeMessenger;

function show(rows: readonly ConversationRow[] | null): void {
  messenger = fakeMessenger([], []);
  messenger.rows.value = rows;
  render(
    <MessengerContext.Provider value={messenger}>
      <ConversationList currentId="c-2" />
    </MessengerContext.Provider>,
  );
}

function row(id: string, name: string, part: Partial<ConversationRow["conversation"]> = {}): ConversationRow {
  return fakeRow(conversation({ id, name, participants: [], ...part }));
}

beforeEach(() => {
  setLanguage("en");
  acceptGrant({ access_token: "t", expires_in: 600, user: { ...alice } as unknown as User });
  endSearch();
});

afterEach(cleanup);

describe("ConversationList", () => {
  it("tells a newcomer what this is for and shows the way in", () => {
    show([]);
    fireEvent.click(screen.getByRole("button", { name: "Find people" }));
    expect(overlay.value).toEqual({ kind: "new", start: "people" });
  });

  it("shows the last line, the unread and the one that is open", () => {
    const said = message(3, { content: "Tea at five?" });
    show([
      row("c-1", "bob", { last_message: { ...said, seq: 3 }, unread_count: 2 }),
      row("c-2", "Crew", { type: "group", last_message: { ...said, seq: 3, sender: charlie }, mention_count: 1, unread_count: 1 }),
    ]);
    expect(screen.getByText("Tea at five?")).toBeTruthy();
    expect(screen.getByText("charlie: Tea at five?")).toBeTruthy();
    expect(screen.getByRole("img", { name: "2 unread" })).toBeTruthy();
    expect(screen.getByRole("img", { name: "you were mentioned" })).toBeTruthy();
    expect(screen.getByRole("link", { current: "page" }).getAttribute("href")).toBe("/app/messages/c-2");
  });

  it("lets who is writing go before the draft, and the draft before the last line", () => {
    const draft = { content: "I wanted to", reply_to_id: null, updated_at: "2026-03-02T09:00:00Z" };
    show([
      { ...row("c-1", "bob", { draft }), typing: ["bob"] },
      row("c-3", "Eve", { draft, last_message: { ...message(1), seq: 1 } }),
    ]);
    expect(screen.getByText("writing…")).toBeTruthy();
    expect(screen.getByText("Draft: I wanted to")).toBeTruthy();
  });

  it("marks what waits to be sent", () => {
    const queued = message(0, { seq: null, sender: alice, content: "In a tunnel", delivery: { state: "sending" } });
    show([{ ...row("c-1", "bob"), lastMessage: queued, sending: true }]);
    expect(screen.getByText("You: In a tunnel")).toBeTruthy();
    expect(screen.getByRole("img", { name: "waiting to be sent" })).toBeTruthy();
  });

  it("filters by name while one types", async () => {
    show([row("c-1", "bob"), row("c-3", "Eve")]);
    searchText.value = "ev";
    expect(await screen.findByText("Eve")).toBeTruthy();
    await Promise.resolve();
    expect(screen.queryByText("bob")).toBeNull();
  });

  it("offers to try again at once when offline", async () => {
    show([]);
    messenger.connection.value = { state: "offline", retryAt: null };
    fireEvent.click(await screen.findByRole("button", { name: "Try now" }, { timeout: 3_000 }));
    expect(messenger.calls).toContainEqual(["connectNow"]);
  });
});

describe("without a network", () => {
  afterEach(() => (online.value = true));

  it("leaves the word to the shell, which says it for every page", async () => {
    online.value = false;
    show([row("c-1", "bob")]);
    messenger.connection.value = { state: "offline", retryAt: null };
    await new Promise((resolve) => setTimeout(resolve, 1100));
    expect(screen.queryByText(/No connection/)).toBeNull();
    online.value = true;
    expect(await screen.findByText(/No connection/)).toBeTruthy();
  });
});

describe("matching", () => {
  it("takes beginnings of words, of names and of people", () => {
    const crew = row("c-1", "Kintsugi crew", {
      participants: [{ user: bob, role: "member", read_seq: 0, last_read_at: null, joined_at: "" }],
    });
    const eve = row("c-2", "Eve");
    expect(matching([crew, eve], "cr kin")).toEqual([crew]);
    expect(matching([crew, eve], "bo")).toEqual([crew]);
    expect(matching([crew, eve], "ob")).toEqual([]);
  });
});
