import { IDBFactory } from "fake-indexeddb";
import "fake-indexeddb/auto";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { grow, newest } from "./growing";
import type { MessageShape } from "./shapes";
import { presentIn } from "./shown";
import { conversation, FakeServer, ME, newMessage, person } from "./testing/server";
import { fakeLocks, settle, signIn, Tab } from "./testing/tab";

const ROOM = "33333333-0000-4000-8000-000000000003";
const run = { run_id: "r", state: "writing", reason: null, paid_by: null, tokens: null, calls: null, hop: 0, attempt: 1 } as const;

function growing(content: string, part: Partial<MessageShape["agent"]> = {}): MessageShape {
  return { ...newMessage(ROOM, "m1", 1, content), agent: { ...run, ...part } };
}

function delta(at: number, text: string, attempt = 1) {
  return { conversation_id: ROOM, message_id: "m1", attempt, at, text };
}

function textAfter(message: MessageShape, ...deltas: ReturnType<typeof delta>[]): string {
  return deltas.reduce((before, one) => {
    const growth = grow(before, one);
    if (growth === "missing") throw new Error(`nothing stands before ${one.at}`);
    return growth.message;
  }, message).content;
}

describe("a delta", () => {
  it("goes on where the text ends, and over what is there already", () => {
    expect(textAfter(growing("one"), delta(3, " two"), delta(3, " two three"))).toBe("one two three");
  });

  it("counts code points", () => {
    expect(textAfter(growing("🍵🍵"), delta(2, " tea"), delta(1, "🍵 tea?"))).toBe("🍵🍵 tea?");
  });

  it("that is late changes nothing", () => {
    const message = growing("one two");
    for (const late of [delta(3, " t"), delta(0, "one two"), delta(3, " other", 0)]) {
      expect(grow(message, late)).toEqual({ message });
    }
  });

  it("of a message that is whole, or taken back, changes nothing", () => {
    for (const message of [growing("one", { state: "complete" }), { ...growing(""), is_deleted: true, agent: null }]) {
      expect(grow(message, delta(message.content.length, " two"))).toEqual({ message });
    }
  });

  it("cannot be used without what stands before it, nor by the text of another attempt", () => {
    expect(grow(growing("one"), delta(4, "two"))).toBe("missing");
    expect(grow(growing("one"), delta(3, " two", 2))).toBe("missing");
  });
});

describe("newest", () => {
  it("keeps what was told since the server kept the text, and takes everything else", () => {
    const pinned = { ...growing("one"), is_pinned: true };
    expect(newest(growing("one two"), pinned)).toEqual({ ...pinned, content: "one two" });
    expect(newest(growing("one two"), growing("new", { attempt: 2 })).content).toBe("new");
    expect(newest(growing("one two"), growing("one", { state: "stopped" })).content).toBe("one");
  });
});

describe("a tab", () => {
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

  async function openRoom(): Promise<Tab> {
    const tab = await Tab.open();
    tabs.push(tab);
    tab.model.conversation(ROOM).open();
    await settle();
    return tab;
  }

  const reads = () => server.requests.filter((request) => /GET .*\/messages\/m\d+$/.test(request)).length;

  it("shows the text as it grows, without asking for anything", async () => {
    const tab = await openRoom();
    const { id } = server.say(ROOM, "It is", { agent: run });
    await settle();
    server.tell(ROOM, { ...delta(5, " 21"), message_id: id });
    server.keep(ROOM, id, "It is 21");
    await settle();
    expect(tab.texts(ROOM)).toEqual(["It is 21"]);
    server.tell(ROOM, { ...delta(8, " °C"), message_id: id });
    server.change(ROOM, id, { is_pinned: true });
    await settle();
    expect(tab.texts(ROOM)).toEqual(["It is 21 °C"]);
    server.change(ROOM, id, { content: "It is 22 °C.", agent: { ...run, state: "complete" } });
    await settle();
    expect(tab.texts(ROOM)).toEqual(["It is 22 °C."]);
    expect(reads()).toBe(0);
  });

  it("that comes in the middle, or lost a delta, reads the message once and has the same text", async () => {
    const { id } = server.say(ROOM, "It is", { agent: run });
    const tab = await openRoom();
    server.keep(ROOM, id, "It is 21 °C");
    for (let times = 0; times < 2; times += 1) server.tell(ROOM, { ...delta(11, ", and"), message_id: id });
    await settle();
    expect(tab.texts(ROOM)).toEqual(["It is 21 °C"]);
    server.tell(ROOM, { ...delta(11, ", and dry"), message_id: id });
    await settle();
    expect(tab.texts(ROOM)).toEqual(["It is 21 °C, and dry"]);
    expect(reads()).toBe(1);
    expect(tab.model.rows.value?.[0]?.lastMessage?.content).toBe("It is");
  });
});

describe("presence", () => {
  it("is a person's; agents have none", () => {
    const other = person("b", "helper");
    const among = (kind: "human" | "agent", fields = {}) => {
      const talk = conversation(ROOM, { type: "direct", ...fields });
      const [mine] = talk.participants;
      if (mine === undefined) throw new Error("nobody is here");
      const members = [{ ...mine, user: person(ME, "alice") }, { ...mine, user: { ...other, kind } }];
      return presentIn({ ...talk, participants: members }, ME)?.id ?? null;
    };
    expect([among("human"), among("agent"), among("human", { is_blocked: true })]).toEqual(["b", null, null]);
  });
});
