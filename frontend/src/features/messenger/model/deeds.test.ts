/** What one does: beginning to write; with messages that are there: looking back, changing, reacting, passing on. */
import { IDBFactory } from "fake-indexeddb";
import "fake-indexeddb/auto";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { onFarewell, session } from "@/lib/api";
import { setServerClock } from "@/lib/serverClock";

import { IndexedDatabase } from "./storage/indexed";
import { BOB, FakeServer, ME } from "./testing/server";
import { fakeLocks, settle, signIn, Tab } from "./testing/tab";

const ROOM = "33333333-0000-4000-8000-000000000003";
let server: FakeServer;
let tabs: Tab[] = [];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date"] });
  vi.stubGlobal("indexedDB", new IDBFactory());
  Object.defineProperty(navigator, "locks", { value: fakeLocks(), configurable: true });
  server = new FakeServer();
  server.install((name, value) => vi.stubGlobal(name, value));
  signIn();
  server.begin(ROOM);
});

afterEach(async () => {
  for (const tab of tabs) await tab.leave();
  tabs = [];
  vi.restoreAllMocks();
  vi.useRealTimers();
});

async function openRoom(): Promise<Tab> {
  const tab = await Tab.open();
  tabs.push(tab);
  tab.model.conversation(ROOM).open();
  await settle();
  return tab;
}

async function goOffline(): Promise<void> {
  server.isDown = true;
  server.cut();
  await settle();
}

const refusal = (code: string, status: number) => Response.json({ error: "No.", code }, { status });

describe("looking back", () => {
  const seqs = (tab: Tab) => tab.model.conversation(ROOM).messages.value.map(({ seq }) => seq);

  it("loads older pages to the beginning, each message once", async () => {
    for (let n = 1; n <= 130; n += 1) server.say(ROOM, `${n}`);
    const tab = await openRoom();
    const view = tab.model.conversation(ROOM);
    expect(seqs(tab)).toHaveLength(50);
    await Promise.all([view.loadOlder(), view.loadOlder()]);
    expect(seqs(tab)).toHaveLength(100);
    await view.loadOlder();
    expect([view.hasOlder.value, seqs(tab)]).toEqual([false, Array.from({ length: 130 }, (_, n) => n + 1)]);
  });

  it("jumps into the past, goes on from there, and meets the present", async () => {
    for (let n = 1; n <= 200; n += 1) server.say(ROOM, `${n}`);
    const tab = await openRoom();
    const view = tab.model.conversation(ROOM);
    expect(await view.jumpTo({ seq: 60 })).toBe(60);
    expect([view.hasOlder.value, view.hasNewer.value]).toEqual([true, true]);
    expect(seqs(tab)).not.toContain(200);
    server.say(ROOM, "201");
    await settle();
    expect(seqs(tab)).not.toContain(201);
    for (let n = 0; view.hasNewer.value && n < 10; n += 1) await view.loadNewer();
    expect(seqs(tab).slice(-2)).toEqual([200, 201]);
    expect(seqs(tab)).toEqual([...new Set(seqs(tab))].sort((a, b) => (a ?? 0) - (b ?? 0)));
    await view.jumpTo({ seq: 60 });
    expect(await view.jumpTo("newest")).toBe(201);
  });

  it("comes back from the past with what was written there, and says which message that is", async () => {
    for (let n = 1; n <= 200; n += 1) server.say(ROOM, `${n}`);
    const tab = await openRoom();
    const view = tab.model.conversation(ROOM);
    await view.jumpTo({ seq: 60 });
    view.send({ content: "Back again", replyTo: null });
    await settle();
    expect(view.hasNewer.value).toBe(false);
    expect(view.messages.value.at(-1)).toMatchObject({ key: view.lastSent.value, seq: 201, content: "Back again" });
  });

  it("asks for the day as it begins here", async () => {
    for (let n = 1; n <= 3; n += 1) server.say(ROOM, `${n}`);
    const tab = await openRoom();
    let asked = "";
    server.also = (call, _body, url) => {
      if (!call.endsWith("/messages/at")) return undefined;
      asked = url.searchParams.get("date") ?? "";
      return { seq: 2 };
    };
    expect(await tab.model.conversation(ROOM).jumpTo({ date: "2026-01-31" })).toBe(2);
    expect(asked).toBe(new Date(2026, 0, 31).toISOString());
  });

  it("says why history cannot be loaded, and tries again when asked to", async () => {
    for (let n = 1; n <= 80; n += 1) server.say(ROOM, `${n}`);
    const tab = await openRoom();
    const view = tab.model.conversation(ROOM);
    await goOffline();
    await view.loadOlder();
    expect(view.trouble.value).toContain("cannot be reached");
    server.isDown = false;
    await view.retry();
    expect([view.trouble.value, seqs(tab).length]).toEqual([null, 80]);
  });
});

describe("changing", () => {
  it("shows an edit, a pin and a deletion with their answers", async () => {
    const { id } = server.say(ROOM, "tea", { sender: { id: ME, username: "a", name: "a", avatar_url: "", kind: "human" } });
    const tab = await openRoom();
    const view = tab.model.conversation(ROOM);
    const stored = server.talks.get(ROOM)?.messages[0];
    server.also = (call, body) => {
      if (call === `PUT /api/messenger/messages/${id}`) return { ...stored, ...body, is_edited: true };
      if (call.startsWith(`PUT /api/messenger/messages/${id}/pin`)) return {};
      return call === `DELETE /api/messenger/messages/${id}` ? new Response(null, { status: 204 }) : undefined;
    };
    await view.edit(id, "coffee");
    expect(view.messages.value[0]).toMatchObject({ content: "coffee", is_edited: true });
    await view.pin(id, true);
    expect(view.messages.value[0]?.is_pinned).toBe(true);
    await view.remove(id);
    expect(view.messages.value[0]).toMatchObject({ content: "", is_deleted: true });
  });

  it("leaves everything as it was, with a sentence, when there is no network", async () => {
    const { id } = server.say(ROOM, "tea");
    const tab = await openRoom();
    const view = tab.model.conversation(ROOM);
    const before = view.messages.value;
    await goOffline();
    for (const deed of [view.edit(id, "x"), view.remove(id), view.pin(id, true), view.forward(id, [ROOM])]) {
      await expect(deed).rejects.toMatchObject({ code: "network" });
    }
    expect(view.messages.value).toEqual(before);
  });

  it("passes a message on under one client id", async () => {
    const { id } = server.say(ROOM, "tea");
    const tab = await openRoom();
    const bodies: unknown[] = [];
    server.also = (call, body) => (call.endsWith("/forward") ? (bodies.push(body), { results: [] }) : undefined);
    await tab.model.conversation(ROOM).forward(id, ["r1", "r2"]);
    expect(bodies).toEqual([{ conversation_ids: ["r1", "r2"], client_id: expect.any(String) as string }]);
  });
});

describe("reactions", () => {
  it("wait for a network, also over a reload", async () => {
    const { id } = server.say(ROOM, "tea");
    const first = await openRoom();
    await goOffline();
    await first.model.conversation(ROOM).react(id, "🔥");
    const mine = [{ emoji: "🔥", user_ids: [ME] }];
    expect(first.model.conversation(ROOM).messages.value[0]?.reactions).toEqual(mine);
    await first.leave();
    const tab = await openRoom();
    expect(tab.model.conversation(ROOM).messages.value[0]?.reactions).toEqual(mine);
    server.isDown = false;
    await settle(40_000);
    expect(server.talks.get(ROOM)?.messages[0]?.reactions).toEqual(mine);
    expect(tab.model.conversation(ROOM).messages.value[0]?.reactions).toEqual(mine);
    expect(await tab.storage.all("reactions")).toEqual([]);
  });

  it("go away again, with the server's reason, when they are refused", async () => {
    const { id } = server.say(ROOM, "tea");
    const tab = await openRoom();
    const view = tab.model.conversation(ROOM);
    server.also = (call) => (call.endsWith("/reactions") ? refusal("blocked", 403) : undefined);
    await expect(view.react(id, "🔥")).rejects.toMatchObject({ code: "blocked" });
    expect(view.messages.value[0]?.reactions).toEqual([]);
    await tab.storage.settled();
    expect(await tab.storage.all("reactions")).toEqual([]);
  });
});

describe("ticks of a direct conversation", () => {
  const ticks = (tab: Tab) => tab.model.conversation(ROOM).messages.value.map(({ delivery }) => delivery?.state);
  const tell = async (type: string, payload: object) => {
    server.live[0]?.receive({ type, payload: { user_id: BOB, ...payload } });
    await settle();
  };

  it("say delivered once the other was there since, and read when they read", async () => {
    const tab = await openRoom();
    const view = tab.model.conversation(ROOM);
    view.send({ content: "one" });
    await settle();
    const said = server.talks.get(ROOM)?.messages[0];
    await tell("user.offline", { last_seen: new Date(Date.parse(said?.created_at ?? "") - 1_000).toISOString() });
    expect(ticks(tab)).toEqual(["sent"]);
    await tell("user.online", {});
    expect(ticks(tab)).toEqual(["delivered"]);
    await tell("user.offline", { last_seen: new Date(Date.parse(said?.created_at ?? "") + 500).toISOString() });
    view.send({ content: "two" });
    await settle();
    expect(ticks(tab)).toEqual(["delivered", "sent"]);
    const read = { conversation_id: ROOM, user_id: BOB, message_id: said?.id, read_seq: 1, last_read_at: said?.created_at };
    server.append(`c:${ROOM}`, { type: "message.read", payload: read });
    await settle();
    expect(ticks(tab)).toEqual(["read", "sent"]);
  });
});

describe("links of files", () => {
  it("are asked for together, kept until they end, by the server's clock", async () => {
    const tab = await openRoom();
    const asked: string[][] = [];
    server.also = (call, body) => {
      if (call !== "POST /api/messenger/media/links") return undefined;
      const ids = body.ids as string[];
      asked.push(ids);
      // This machine is three hours ahead: every link looks as if it had ended.
      const expires_at = new Date(Date.now() - 3 * 3_600_000 + 600_000).toISOString();
      return { results: ids.map((id) => ({ id, url: `/${id}`, thumbnail_url: null, expires_at })) };
    };
    setServerClock(new Date(Date.now() - 3 * 3_600_000).toISOString());
    const links = ["a", "b"].map((id) => tab.model.mediaUrl(id));
    await settle();
    expect(links.map(({ value }) => value)).toEqual(["/a", "/b"]);
    await settle(8 * 60_000);
    tab.model.mediaUrl("a");
    await settle();
    expect(asked).toEqual([["a", "b"]]);
    await settle(60_000);
    tab.model.mediaUrl("a");
    await settle();
    expect(asked).toEqual([["a", "b"], ["a"]]);
    setServerClock(new Date().toISOString());
  });
});

describe("stories", () => {
  it("are read, marked as seen once, and taken away when they end", async () => {
    const story = { id: "s1", user: { id: BOB }, viewed: false };
    const tab = await openRoom();
    server.also = (call) => {
      if (call === "GET /api/messenger/stories") return { results: [{ user: { id: BOB }, stories: [story] }] };
      return call.endsWith("/view") ? new Response(null, { status: 204 }) : undefined;
    };
    await tab.model.refreshStories();
    tab.model.viewStory("s1");
    tab.model.viewStory("s1");
    await settle();
    expect(tab.model.stories.value?.[0]?.stories[0]?.viewed).toBe(true);
    expect(server.requests.filter((call) => call.endsWith("/view"))).toHaveLength(1);
    server.live[0]?.receive({ type: "story.expired", payload: { story_id: "s1", user_id: BOB } });
    await settle();
    expect(tab.model.stories.value).toEqual([]);
  });
});

describe("the end of a session", () => {
  it("that ran out keeps what waits to be sent, for whoever signs in again", async () => {
    const forgotten: string[] = [];
    onFarewell((userId) => void forgotten.push(userId));
    const tab = await openRoom();
    await goOffline();
    tab.model.conversation(ROOM).send({ content: "from the tunnel" });
    await settle();
    server.isDown = false;
    server.also = (call) =>
      /ws-ticket|refresh/.test(call) ? refusal("session_ended", 401) : undefined;
    await settle(40_000);
    expect(session.value.status).toBe("guest");
    expect(forgotten).toEqual([]);
    await tab.leave();
    server.also = () => undefined;
    signIn();
    const next = await openRoom();
    await settle(2_000);
    expect(server.talks.get(ROOM)?.messages.map(({ content }) => content)).toEqual(["from the tunnel"]);
    expect(next.texts(ROOM)).toEqual(["from the tunnel"]);
  });

  it.each([
    ["by the socket", () => server.cut(4010)],
    [
      "by the answer to a refresh",
      () => {
        server.also = (call) =>
          /ws-ticket|refresh/.test(call) ? refusal(call.endsWith("refresh") ? "session_revoked" : "session_ended", 401) : undefined;
        server.cut(4001);
      },
    ],
  ])("that somebody ended leaves nothing: %s", async (_how, end) => {
    const forgotten: string[] = [];
    onFarewell((userId) => void forgotten.push(userId));
    await openRoom();
    end();
    await settle(5_000);
    expect(session.value.status).toBe("guest");
    expect(forgotten).toEqual([ME]);
  });
});

describe("a disk that takes nothing", () => {
  it("loses no message: it is sent from this page, and the page says that it is the only one to have it", async () => {
    const tab = await openRoom();
    await goOffline();
    vi.spyOn(IndexedDatabase.prototype, "transact").mockRejectedValue(new DOMException("Full", "QuotaExceededError"));
    tab.model.conversation(ROOM).send({ content: "one" });
    await settle();
    expect(tab.model.isUnkept.value).toBe(true);
    server.isDown = false;
    await settle(40_000);
    expect(server.talks.get(ROOM)?.messages.map(({ content }) => content)).toEqual(["one"]);
    expect(tab.texts(ROOM)).toEqual(["one"]);
    expect(tab.model.isUnkept.value).toBe(false);
  });
});

describe("beginning to write", () => {
  it("keeps a draft over a reload and tells the server once", async () => {
    const tab = await openRoom();
    for (const content of ["d", "dr", "draft"]) tab.model.conversation(ROOM).setDraft(content, null);
    await settle();
    await tab.leave();
    const next = await openRoom();
    expect(next.model.conversation(ROOM).draft.value.content).toBe("draft");
    await settle(2_000);
    expect(server.requests.filter((call) => call.endsWith("/draft"))).toHaveLength(1);
  });

  it("tells nothing of a draft that was sent before it was told, and takes back one that was", async () => {
    const tab = await openRoom();
    const view = tab.model.conversation(ROOM);
    const told = () => server.requests.filter((call) => call.endsWith("/draft")).length;
    view.setDraft("at once", null);
    view.setDraft("", null);
    await settle(2_000);
    expect(told()).toBe(0);
    expect(await tab.storage.all("drafts")).toEqual([]);
    view.setDraft("slowly", null);
    await settle(2_000);
    expect(told()).toBe(1);
    view.setDraft("", null);
    await settle(2_000);
    expect(told()).toBe(2);
  });
});
