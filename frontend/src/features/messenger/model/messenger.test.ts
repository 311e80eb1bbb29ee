import { IDBFactory } from "fake-indexeddb";
import "fake-indexeddb/auto";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

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
  vi.useRealTimers();
});

async function openTab(): Promise<Tab> {
  const tab = await Tab.open();
  tabs.push(tab);
  return tab;
}

async function openRoom(): Promise<Tab> {
  const tab = await openTab();
  tab.model.conversation(ROOM).open();
  await settle();
  return tab;
}

describe("connecting", () => {
  it("reads the list, goes live and shows what happens", async () => {
    server.say(ROOM, "one");
    const tab = await openRoom();
    expect(tab.model.connection.value).toEqual({ state: "live" });
    expect(tab.model.rows.value?.map((row) => row.lastMessage?.content)).toEqual(["one"]);
    server.say(ROOM, "two");
    await settle();
    expect(tab.texts(ROOM)).toEqual(["one", "two"]);
    expect(tab.model.unread.value).toBe(2);
  });

  it("shows at once what the last visit left, without a server", async () => {
    server.say(ROOM, "one");
    const first = await openRoom();
    await first.leave();
    server.isDown = true;
    const tab = await openRoom();
    expect(tab.model.connection.value.state).toBe("offline");
    expect(tab.texts(ROOM)).toEqual(["one"]);
    expect(tab.model.rows.value).toHaveLength(1);
  });

  it("catches up from its position, in as many pieces as the server likes", async () => {
    const first = await openRoom();
    await first.leave();
    for (let n = 0; n < 10; n += 1) server.say(ROOM, `late ${n}`);
    server.syncLimit = 3;
    const tab = await openRoom();
    expect(tab.texts(ROOM)).toHaveLength(10);
    expect(tab.model.rows.value?.[0]?.conversation.unread_count).toBe(10);
    expect(tab.model.connection.value.state).toBe("live");
  });

  it("reads anew what the server no longer has as events", async () => {
    server.say(ROOM, "old");
    const first = await openRoom();
    await first.leave();
    for (let n = 0; n < 5; n += 1) server.say(ROOM, `new ${n}`);
    server.trimmed.set(`c:${ROOM}`, 4);
    const tab = await openRoom();
    expect(tab.texts(ROOM)).toEqual(["old", "new 0", "new 1", "new 2", "new 3", "new 4"]);
    expect(tab.positions.get(`c:${ROOM}`)).toBe(6);
    server.say(ROOM, "after");
    await settle();
    expect(tab.texts(ROOM).at(-1)).toBe("after");
  });

  it("keeps events that come while a stream is read anew", async () => {
    const tab = await openRoom();
    server.trimmed.set(`c:${ROOM}`, 3);
    server.streams.set(`c:${ROOM}`, []);
    const { fetch } = globalThis;
    vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
      const answer = await fetch(path, init);
      if (path.includes("/messages?")) server.say(ROOM, `during ${server.head(`c:${ROOM}`)}`);
      return answer;
    });
    server.cut();
    await settle(3_000);
    vi.stubGlobal("fetch", fetch);
    expect(tab.texts(ROOM)).toEqual(["during 3"]);
    expect(tab.model.rows.value?.[0]?.conversation.unread_count).toBe(1);
  });
});

describe("events out of the ordinary", () => {
  it("drops doubles", async () => {
    server.deliver = (socket, frame) => {
      socket.receive(frame);
      socket.receive(frame);
    };
    const tab = await openRoom();
    server.say(ROOM, "once");
    await settle();
    expect(tab.texts(ROOM)).toEqual(["once"]);
    expect(tab.model.unread.value).toBe(1);
  });

  it("asks for what was lost", async () => {
    const tab = await openRoom();
    const { deliver } = server;
    server.deliver = () => undefined;
    server.say(ROOM, "lost");
    server.deliver = deliver;
    server.say(ROOM, "seen");
    await settle(2_000);
    expect(tab.texts(ROOM)).toEqual(["lost", "seen"]);
  });

  it("asks for a lost tail when a ping shows it", async () => {
    const tab = await openRoom();
    server.deliver = () => undefined;
    server.say(ROOM, "lost");
    server.live[0]?.receive({ type: "ping", payload: { tails: { [`c:${ROOM}`]: 1 } } });
    await settle(2_000);
    expect(tab.texts(ROOM)).toEqual(["lost"]);
  });
});

describe("sending", () => {
  it("shows a message at once and as sent only after the server has said so", async () => {
    const tab = await openRoom();
    const view = tab.model.conversation(ROOM);
    view.send({ content: "hello" });
    expect(view.messages.value.map(({ delivery }) => delivery?.state)).toEqual(["sending"]);
    const key = view.messages.value[0]?.key;
    await settle();
    expect(view.messages.value.map(({ delivery }) => delivery?.state)).toEqual(["sent"]);
    expect(view.messages.value[0]?.key).toBe(key);
  });

  it("sends again what got no answer, and the server has it once", async () => {
    const tab = await openRoom();
    server.answer = (command, answer) => {
      if (command.type !== "message.send") return answer;
      server.answer = (_command, later) => later;
      return null;
    };
    server.deliver = () => undefined;
    tab.model.conversation(ROOM).send({ content: "hello" });
    await settle(5_000);
    expect(server.talks.get(ROOM)?.messages.map(({ content }) => content)).toEqual(["hello"]);
    expect(tab.texts(ROOM)).toEqual(["hello"]);
    expect(await tab.storage.queue()).toEqual([]);
  });

  it("keeps the order of what was written without a network, over a reload", async () => {
    const first = await openRoom();
    server.isDown = true;
    server.cut();
    await settle();
    for (const content of ["a", "b", "c"]) first.model.conversation(ROOM).send({ content });
    await settle();
    expect(first.texts(ROOM)).toEqual(["a", "b", "c"]);
    await first.leave();
    const tab = await openRoom();
    expect(tab.texts(ROOM)).toEqual(["a", "b", "c"]);
    expect(tab.model.rows.value?.[0]?.sending).toBe(true);
    server.isDown = false;
    await settle(40_000);
    expect(server.talks.get(ROOM)?.messages.map(({ content }) => content)).toEqual(["a", "b", "c"]);
    expect(tab.model.conversation(ROOM).messages.value.map(({ delivery }) => delivery?.state)).toEqual([
      "sent",
      "sent",
      "sent",
    ]);
  });

  it("says why a message was refused, and lets it be discarded", async () => {
    const tab = await openRoom();
    const view = tab.model.conversation(ROOM);
    server.refuse = (command) =>
      command.type === "message.send" ? { code: "blocked", error: "You are blocked.", retryable: false } : null;
    view.send({ content: "hello" });
    await settle();
    expect(view.messages.value[0]?.delivery).toEqual({ state: "failed", sentence: "You are blocked.", retryable: false });
    view.discard(view.messages.value[0]?.key ?? "");
    await settle();
    expect(view.messages.value).toEqual([]);
    expect(await tab.storage.queue()).toEqual([]);
  });

  it("tries again, later, what the server cannot do now", async () => {
    const tab = await openRoom();
    let refusals = 2;
    server.refuse = () => (refusals-- > 0 ? { code: "unavailable", error: "Later", retryable: true } : null);
    tab.model.conversation(ROOM).send({ content: "hello" });
    await settle(10_000);
    expect(server.talks.get(ROOM)?.messages).toHaveLength(1);
    expect(new Set(server.commands.map(({ payload }) => payload.client_id)).size).toBe(1);
  });

  it("is done by one of two tabs, and seen by both", async () => {
    const one = await openRoom();
    const two = await openRoom();
    for (let n = 0; n < 5; n += 1) (n % 2 ? one : two).model.conversation(ROOM).send({ content: `${n}` });
    await settle(1_000);
    expect(server.commands.filter(({ type }) => type === "message.send")).toHaveLength(5);
    expect(one.texts(ROOM)).toHaveLength(5);
    expect(two.texts(ROOM)).toEqual(one.texts(ROOM));
    expect(await one.storage.queue()).toEqual([]);
  });
});

describe("what is no longer mine", () => {
  it("is forgotten when I am removed", async () => {
    server.say(ROOM, "secret");
    const tab = await openRoom();
    server.talks.delete(ROOM);
    server.streams.delete(`c:${ROOM}`);
    const payload = { conversation_id: ROOM, reason: "removed" as const };
    server.append(`u:${ME}`, { type: "conversation.deleted", payload });
    await settle();
    const view = tab.model.conversation(ROOM);
    expect([view.gone.value, view.conversation.value, view.messages.value]).toEqual(["removed", null, []]);
    expect(tab.model.rows.value).toEqual([]);
    await tab.storage.settled();
    expect(await tab.storage.all("messages")).toEqual([]);
    expect(await tab.storage.all("conversations")).toEqual([]);
    expect((await tab.storage.all("positions")).map(({ stream }) => stream)).toEqual([`u:${ME}`]);
  });

  it("is forgotten when it went away while nobody was here", async () => {
    server.say(ROOM, "secret");
    await (await openRoom()).leave();
    server.talks.delete(ROOM);
    server.streams.delete(`c:${ROOM}`);
    const tab = await openTab();
    expect(tab.model.rows.value).toEqual([]);
    await tab.storage.settled();
    expect(await tab.storage.all("messages")).toEqual([]);
  });

  it("comes back with the next message when it was only hidden", async () => {
    server.say(ROOM, "before");
    const tab = await openTab();
    const payload = { conversation_id: ROOM, reason: "hidden" as const };
    server.append(`u:${ME}`, { type: "conversation.deleted", payload });
    await settle();
    expect(tab.model.rows.value).toEqual([]);
    server.say(ROOM, "again");
    await settle();
    expect(tab.model.rows.value?.map((row) => row.lastMessage?.content)).toEqual(["again"]);
  });
});

describe("reading, reacting, writing", () => {
  it("counts what I read at once, tells it once, and never goes back", async () => {
    const said = ["a", "b", "c"].map((content) => server.say(ROOM, content));
    const tab = await openRoom();
    const view = tab.model.conversation(ROOM);
    expect(view.firstUnreadSeq.value).toBe(1);
    for (const { seq } of said) view.markRead(seq);
    view.markRead(1);
    expect(tab.model.unread.value).toBe(0);
    await settle(1_000);
    expect(server.commands.map(({ type, payload }) => [type, payload.message_id])).toEqual([["read.mark", said[2]?.id]]);
    expect(await tab.storage.all("marks")).toEqual([]);
  });

  it("tells later what was read without a network", async () => {
    server.say(ROOM, "a");
    const tab = await openRoom();
    server.isDown = true;
    server.cut();
    await settle();
    tab.model.conversation(ROOM).markRead(1);
    await settle(1_000);
    await tab.leave();
    server.isDown = false;
    const next = await openRoom();
    await settle(1_000);
    expect(server.shape(ROOM).unread_count).toBe(0);
    expect(next.model.unread.value).toBe(0);
  });

  it("shows my reaction at once and ends with what the server has", async () => {
    const { id } = server.say(ROOM, "a");
    const tab = await openRoom();
    const view = tab.model.conversation(ROOM);
    void view.react(id, "🔥");
    expect(view.messages.value[0]?.reactions).toEqual([{ emoji: "🔥", user_ids: [ME] }]);
    void view.react(id, "🔥");
    void view.react(id, "🔥");
    await settle();
    expect(server.talks.get(ROOM)?.messages[0]?.reactions).toEqual([{ emoji: "🔥", user_ids: [ME] }]);
    expect(view.messages.value[0]?.reactions).toEqual([{ emoji: "🔥", user_ids: [ME] }]);
  });

  it("names who writes, and forgets them", async () => {
    const tab = await openRoom();
    server.live[0]?.receive({
      type: "user.typing",
      room: ROOM,
      payload: { conversation_id: ROOM, user_id: BOB, is_typing: true },
    });
    await settle();
    expect(tab.model.conversation(ROOM).typing.value).toEqual(["bob"]);
    await settle(7_000);
    expect(tab.model.conversation(ROOM).typing.value).toEqual([]);
  });

  it("says no more who is there once one of two has blocked the other", async () => {
    const tab = await openRoom();
    const { online } = tab.model.conversation(ROOM);
    server.live[0]?.receive({ type: "user.online", payload: { user_id: BOB } });
    await settle();
    expect([online.value, tab.model.rows.value?.[0]?.online]).toEqual([true, true]);
    server.append(`u:${ME}`, { type: "conversation.updated", payload: { conversation_id: ROOM, is_blocked: true } });
    await settle();
    expect([online.value, tab.model.rows.value?.[0]?.online]).toEqual([false, false]);
  });
});

it("works without a disk", async () => {
  vi.stubGlobal("indexedDB", undefined);
  server.say(ROOM, "one");
  const tab = await openRoom();
  tab.model.conversation(ROOM).send({ content: "two" });
  await settle();
  expect(tab.texts(ROOM)).toEqual(["one", "two"]);
  expect(server.talks.get(ROOM)?.messages).toHaveLength(2);
});

describe("a jump while older messages are on their way", () => {
  it.each([
    ["to what is loaded", 280],
    ["to what is not", 100],
  ])("drops them: nothing comes in beside the place, %s", async (_, seq) => {
    for (let n = 1; n <= 300; n += 1) server.say(ROOM, `line ${n}`);
    const tab = await openRoom();
    const view = tab.model.conversation(ROOM);
    const held: (() => void)[] = [];
    const fetch = globalThis.fetch;
    vi.stubGlobal("fetch", async (path: string, init: RequestInit = {}) => {
      if (path.includes("before_seq")) {
        await new Promise<void>((resolve, reject) => {
          held.push(resolve);
          init.signal?.addEventListener("abort", () => reject(new DOMException("gone", "AbortError")));
        });
      }
      return fetch(path, init);
    });
    void view.loadOlder();
    await settle();
    expect(held).toHaveLength(1);
    expect(await view.jumpTo({ seq })).toBe(seq);
    await settle();
    expect(view.loading.value).toBe(false);
    const there = tab.texts(ROOM);
    for (const go of held) go();
    await settle();
    expect(tab.texts(ROOM)).toEqual(there);
    expect(view.trouble.value).toBeNull();
    // And the way on is open.
    void view.loadOlder();
    await settle();
    expect(held).toHaveLength(2);
  });
});
