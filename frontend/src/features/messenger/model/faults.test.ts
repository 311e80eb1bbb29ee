/** Whatever order, loss, doubling and cutting: in the end the screen and the disk are what the server has. */
import { IDBFactory } from "fake-indexeddb";
import "fake-indexeddb/auto";
import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { BOB, FakeServer, ME } from "./testing/server";
import { fakeLocks, settle, signIn, Tab } from "./testing/tab";

const ROOMS = ["33333333-0000-4000-8000-000000000003", "44444444-0000-4000-8000-000000000004"];
let server: FakeServer;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date"] });
  vi.stubGlobal("indexedDB", new IDBFactory());
  Object.defineProperty(navigator, "locks", { value: fakeLocks(), configurable: true });
  server = new FakeServer();
  server.install((name, value) => vi.stubGlobal(name, value));
  signIn();
  for (const room of ROOMS) server.begin(room);
});

afterEach(() => vi.useRealTimers());

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function makeFaults(random: () => number): void {
  server.deliver = (socket, frame) => {
    const fate = random();
    if (fate < 0.1) return;
    if (fate < 0.2) setTimeout(() => socket.receive(frame), random() * 200);
    else socket.receive(frame);
    if (fate > 0.9) socket.receive(frame);
  };
  server.answer = (command, answer) => (command.type === "message.send" && random() < 0.2 ? null : answer);
}

async function step(tab: Tab, random: () => number, sent: string[]): Promise<Tab> {
  const room = ROOMS[Math.floor(random() * ROOMS.length)] ?? "";
  const messages = server.talks.get(room)?.messages ?? [];
  const some = messages[Math.floor(random() * messages.length)];
  const deed = Math.floor(random() * 10);
  if (deed < 3) server.say(room, `bob ${random()}`);
  else if (deed < 5) {
    sent.push(`alice ${sent.length}`);
    tab.model.conversation(room).send({ content: sent.at(-1) ?? "" });
  } else if (deed === 5 && some && !some.is_deleted) server.change(room, some.id, { content: `edited ${random()}` });
  else if (deed === 6 && some && !some.is_deleted) server.erase(room, some.id);
  else if (deed === 7 && some && !some.is_deleted) server.react(room, some.id, random() < 0.5 ? ME : BOB, "🔥", random() < 0.7);
  else if (deed === 8) server.cut(random() < 0.5 ? 1006 : 4008);
  else if (random() < 0.4) {
    await tab.leave();
    return openTab();
  } else await settle(random() * 300);
  return tab;
}

async function openTab(): Promise<Tab> {
  const tab = await Tab.open();
  for (const room of ROOMS) tab.model.conversation(room).open();
  await settle();
  return tab;
}

/** A healthy network, and a ping that shows the tails. */
async function heal(): Promise<void> {
  server.deliver = (socket, frame) => socket.receive(frame);
  server.answer = (_command, answer) => answer;
  await settle(60_000);
  const tails = Object.fromEntries([...server.streams.keys()].map((stream) => [stream, server.head(stream)]));
  for (const socket of server.live) socket.receive({ type: "ping", payload: { tails } });
  await settle(5_000);
}

it.each(Array.from({ length: 12 }, (_, n) => n + 1))("faults with seed %i", async (seed) => {
  const random = generator(seed);
  const sent: string[] = [];
  let tab = await openTab();
  makeFaults(random);
  const steps: [string, number][][] = [];
  for (let n = 0; n < 60; n += 1) {
    const before = tab;
    tab = await step(tab, random, sent);
    if (tab !== before) steps.push(before.positions.steps);
  }
  await heal();
  steps.push(tab.positions.steps);

  const arrived = ROOMS.flatMap((room) => server.talks.get(room)?.messages ?? []).filter((m) => m.sender?.id === ME);
  expect(arrived).toHaveLength(sent.length);
  await tab.storage.settled();
  for (const room of ROOMS) {
    const truth = server.talks.get(room)?.messages ?? [];
    const brief = (list: readonly { id: string; content: string; reactions: unknown; is_deleted: boolean }[]) =>
      list.map(({ id, content, reactions, is_deleted }) => ({ id, content, reactions, is_deleted }));
    expect(brief(tab.model.conversation(room).messages.value)).toEqual(brief(truth));
    expect(brief(await tab.storage.recentMessages(room))).toEqual(brief(truth));
    expect(tab.model.conversation(room).conversation.value?.unread_count).toBe(server.shape(room).unread_count);
    expect(tab.positions.get(`c:${room}`)).toBe(server.head(`c:${room}`));
    const stored = (await tab.storage.all("positions")).find(({ stream }) => stream === `c:${room}`);
    expect(stored?.seq).toBe(server.head(`c:${room}`));
  }
  for (const visit of steps) expectGrowing(visit);
  await tab.leave();
});

function expectGrowing(steps: readonly [string, number][]): void {
  const at = new Map<string, number>();
  for (const [stream, seq] of steps) {
    expect(seq).toBeGreaterThanOrEqual(at.get(stream) ?? 0);
    at.set(stream, seq);
  }
}
