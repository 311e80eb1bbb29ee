import { IDBFactory } from "fake-indexeddb";
import "fake-indexeddb/auto";
import { beforeEach, describe, expect, it, vi } from "vitest";

import type { MessengerEvent } from "../shapes";
import { conversation, ME, newMessage } from "../testing/server";
import { clearOthers, KEPT_MESSAGES, openStorage } from ".";
import type { QueueEntry, Storage } from ".";

const ROOM = "r";
const STREAM = `c:${ROOM}`;
const ENTRY: QueueEntry = {
  client_id: "k",
  conversation_id: ROOM,
  order: 1_767_225_600_000,
  content: "text 1",
  message_type: "text",
  is_declared: false,
  reply_to: null,
  file: null,
  upload_id: null,
  media_id: null,
  failure: null,
};

beforeEach(() => vi.stubGlobal("indexedDB", new IDBFactory()));

const said = (seq: number): MessengerEvent => ({
  type: "message.new",
  payload: newMessage(ROOM, `m${seq}`, seq, `text ${seq}`),
});

const apply = (storage: Storage, seq: number, event = said(seq)) =>
  storage.write({ kind: "event", stream: STREAM, seq, event, me: ME });

async function begin(storage: Storage): Promise<void> {
  await storage.write({ kind: "restart", conversation: conversation(ROOM), messages: [], force: false });
}

async function state(storage: Storage) {
  const [stored] = await storage.all("conversations");
  const [position] = await storage.all("positions");
  const messages = await storage.recentMessages(ROOM);
  return { unread: stored?.unread_count, position: position?.seq, ids: messages.map(({ id }) => id) };
}

describe.each(["disk", "memory"])("in %s", (kind) => {
  beforeEach(() => {
    if (kind === "memory") vi.stubGlobal("indexedDB", undefined);
  });

  it("moves the position with what the event does", async () => {
    const storage = openStorage(ME);
    await begin(storage);
    await Promise.all([1, 2].map((seq) => apply(storage, seq)));
    expect(await state(storage)).toEqual({ unread: 2, position: 2, ids: ["m1", "m2"] });
  });

  it("takes no event twice, and none after a hole", async () => {
    const storage = openStorage(ME);
    await begin(storage);
    for (const seq of [1, 1, 3]) await apply(storage, seq);
    expect(await state(storage)).toEqual({ unread: 1, position: 1, ids: ["m1"] });
  });

  it("keeps the newest of a long history, without a hole", async () => {
    const storage = openStorage(ME);
    await begin(storage);
    const seqs = Array.from({ length: KEPT_MESSAGES * 2 }, (_, n) => n + 1);
    await Promise.all(seqs.map((seq) => apply(storage, seq)));
    const { ids } = await state(storage);
    expect(ids.at(-1)).toBe(`m${KEPT_MESSAGES * 2}`);
    expect(ids.length).toBeLessThanOrEqual(KEPT_MESSAGES + 50);
    expect(ids).toEqual(seqs.slice(-ids.length).map((seq) => `m${seq}`));
  });
});

it("takes each event once from two tabs, whoever is first", async () => {
  const [one, two] = [openStorage(ME), openStorage(ME)];
  await begin(one);
  await Promise.all([1, 2, 3].flatMap((seq) => [apply(one, seq), apply(two, seq)]));
  expect(await state(two)).toEqual({ unread: 3, position: 3, ids: ["m1", "m2", "m3"] });
});

it("is not taken back by a tab that read the stream anew when another is further", async () => {
  const [one, two] = [openStorage(ME), openStorage(ME)];
  await begin(one);
  for (const seq of [1, 2]) await apply(one, seq);
  await two.write({ kind: "restart", conversation: conversation(ROOM, { last_seq: 1 }), messages: [], force: false });
  expect((await state(one)).position).toBe(2);
  await two.write({ kind: "restart", conversation: conversation(ROOM, { last_seq: 1 }), messages: [], force: true });
  expect((await state(one)).position).toBe(1);
});

it("takes what was sent from the queue in the same step as its event", async () => {
  const storage = openStorage(ME);
  await begin(storage);
  await storage.write({ kind: "enqueue", entry: ENTRY });
  const payload = { ...newMessage(ROOM, "m1", 1, "text 1"), client_id: "k" };
  await apply(storage, 1, { type: "message.new", payload });
  expect(await storage.queue()).toHaveLength(1); // of somebody else: client ids are their sender's own
  const sender = { id: ME, username: "alice", name: "alice", avatar_url: "", kind: "human" as const };
  await apply(storage, 2, { type: "message.new", payload: { ...payload, id: "m2", seq: 2, sender } });
  expect(await storage.queue()).toEqual([]);
});

it("leaves of somebody else what was never sent, for a week, and nothing more", async () => {
  const theirs = openStorage("other");
  await begin(theirs);
  await theirs.write({ kind: "enqueue", entry: ENTRY });
  await theirs.close();
  await clearOthers(ME, ENTRY.order + 1_000);
  const back = openStorage("other");
  expect([await back.all("conversations"), await back.all("messages"), await back.all("positions")]).toEqual([[], [], []]);
  expect(await back.queue()).toEqual([ENTRY]);
  await back.close();
  await clearOthers(ME, ENTRY.order + 8 * 24 * 3_600_000);
  expect(await indexedDB.databases()).toEqual([]);
});

it("leaves what is mine alone", async () => {
  const mine = openStorage(ME);
  await begin(mine);
  await clearOthers(ME);
  expect(await mine.all("conversations")).toHaveLength(1);
});

it("says what could not be written, and writes the rest", async () => {
  const storage = openStorage(ME);
  await begin(storage);
  const tooLarge = { ...ENTRY, content: (() => undefined) as unknown as string };
  const written = [
    storage.write({ kind: "enqueue", entry: { ...ENTRY, client_id: "a" } }),
    storage.write({ kind: "enqueue", entry: tooLarge }),
    storage.write({ kind: "enqueue", entry: { ...ENTRY, client_id: "b" } }),
  ];
  expect(await Promise.all(written)).toEqual([true, false, true]);
  expect((await storage.queue()).map(({ client_id }) => client_id)).toEqual(["a", "b"]);
});
