/** One message the server cannot take holds up none of the others. */
import { IDBFactory } from "fake-indexeddb";
import "fake-indexeddb/auto";
import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { FakeServer } from "./testing/server";
import { fakeLocks, settle, signIn, Tab } from "./testing/tab";

const ROOMS = ["33333333-0000-4000-8000-000000000003", "44444444-0000-4000-8000-000000000004"] as const;
let server: FakeServer;
let tab: Tab;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date"] });
  vi.stubGlobal("indexedDB", new IDBFactory());
  Object.defineProperty(navigator, "locks", { value: fakeLocks(), configurable: true });
  server = new FakeServer();
  server.install((name, value) => vi.stubGlobal(name, value));
  signIn();
  for (const room of ROOMS) server.begin(room);
  tab = await open();
});

afterEach(async () => {
  await tab.leave();
  vi.useRealTimers();
});

async function open(): Promise<Tab> {
  const opened = await Tab.open();
  for (const room of ROOMS) opened.model.conversation(room).open();
  await settle();
  return opened;
}

function arrived(room: string): string[] {
  return (server.talks.get(room)?.messages ?? []).map(({ content }) => content);
}

function failures(room: string) {
  return tab.model.conversation(room).messages.value.flatMap(({ content, delivery }) =>
    delivery?.state === "failed" ? [[content, delivery]] : [],
  );
}

it("half an emoji goes out as a message", async () => {
  const view = tab.model.conversation(ROOMS[0]);
  view.send({ content: "broken \ud83d half" });
  view.send({ content: "next" });
  await settle();
  expect(arrived(ROOMS[0])).toEqual(["broken \uFFFD half", "next"]);
  expect(tab.model.connection.value).toEqual({ state: "live" });
});

it("a message the server hangs up over twice is failed, and all others go out once", async () => {
  server.isUnreadable = (text) => text.includes("poison");
  tab.model.conversation(ROOMS[0]).send({ content: "poison" });
  tab.model.conversation(ROOMS[1]).send({ content: "beside it" });
  tab.model.conversation(ROOMS[0]).send({ content: "after it" });
  await settle(20_000);
  expect(arrived(ROOMS[0])).toEqual(["after it"]);
  expect(arrived(ROOMS[1])).toEqual(["beside it"]);
  expect(failures(ROOMS[0])).toEqual([
    ["poison", expect.objectContaining({ sentence: "The server cannot read this.", retryable: false })],
  ]);
  expect(failures(ROOMS[1])).toEqual([]);
  expect(tab.model.connection.value).toEqual({ state: "live" });

  await tab.leave();
  tab = await open();
  tab.model.conversation(ROOMS[0]).send({ content: "after a reload" });
  await settle();
  expect(arrived(ROOMS[0])).toEqual(["after it", "after a reload"]);
  expect(failures(ROOMS[0])).toHaveLength(1);
});

it("three of them hold up nobody either, and read marks survive", async () => {
  server.isUnreadable = (text) => text.includes("poison");
  server.say(ROOMS[1], "read me");
  await settle();
  for (const n of [1, 2, 3]) tab.model.conversation(ROOMS[0]).send({ content: `poison ${n}` });
  tab.model.conversation(ROOMS[0]).send({ content: "after them" });
  tab.model.conversation(ROOMS[1]).markRead(1);
  await settle(120_000);
  expect(arrived(ROOMS[0])).toEqual(["after them"]);
  expect(failures(ROOMS[0])).toHaveLength(3);
  expect(server.shape(ROOMS[1]).unread_count).toBe(0);
});

it("a refusal by name is final for the message it names alone", async () => {
  server.refuse = ({ payload }) =>
    payload.content === "no" ? { code: "bad_request", error: "This is not valid text.", retryable: false } : null;
  tab.model.conversation(ROOMS[0]).send({ content: "no" });
  tab.model.conversation(ROOMS[0]).send({ content: "yes" });
  await settle();
  expect(arrived(ROOMS[0])).toEqual(["yes"]);
  expect(failures(ROOMS[0])).toEqual([["no", expect.objectContaining({ sentence: "This is not valid text." })]]);
});

it("a server that understands nothing is not asked for ever", async () => {
  server.isUnreadable = (text) => text.includes("message.send");
  for (let n = 0; n < 9; n += 1) tab.model.conversation(ROOMS[0]).send({ content: `message ${n}` });
  await settle(600_000);
  expect(tab.model.connection.value).toMatchObject({ state: "ended" });
});
