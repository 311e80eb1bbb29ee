import { describe, expect, it } from "vitest";

import { alice, bob, message, START } from "../testing/people";
import { buildItems, indexOfSeq, messagesOf } from "./items";
import type { Item } from "./items";

const OPTIONS = { firstUnreadSeq: null, hasOlder: false, isWhole: false };

function at(minutes: number): string {
  return new Date(START + minutes * 60_000).toISOString();
}

/** Kinds in order; messages as their seq with `[` when they begin a group and `]` when they end one. */
function drawn(items: readonly Item[]): string[] {
  return items.map((item) =>
    item.kind === "message"
      ? `${item.isFirst ? "[" : ""}${item.message.seq ?? "queued"}${item.isLast ? "]" : ""}`
      : item.kind,
  );
}

describe("buildItems", () => {
  it("groups what one person says within five minutes", () => {
    const messages = [
      message(1, { created_at: at(0) }),
      message(2, { created_at: at(4) }),
      message(3, { created_at: at(10) }),
      message(4, { created_at: at(11), sender: alice }),
    ];
    expect(drawn(buildItems(messages, OPTIONS))).toEqual(["day", "[1", "2]", "[3]", "[4]"]);
  });

  it("begins every day with its name, and a group with it", () => {
    const messages = [message(1, { created_at: "2026-03-02T12:00:00" }), message(2, { created_at: "2026-03-03T12:00:00" })];
    expect(drawn(buildItems(messages, OPTIONS))).toEqual(["day", "[1]", "day", "[2]"]);
  });

  it("leaves the day of the first message open while more of it may come in above", () => {
    const messages = [message(1, { created_at: "2026-03-02T12:00:00" }), message(2, { created_at: "2026-03-03T12:00:00" })];
    expect(drawn(buildItems(messages, { ...OPTIONS, hasOlder: true }))).toEqual(["[1]", "day", "[2]"]);
  });

  it("draws the line before the first unread message, which parts a group", () => {
    const messages = [message(1), message(2), message(3)];
    expect(drawn(buildItems(messages, { ...OPTIONS, firstUnreadSeq: 2 }))).toEqual(["day", "[1]", "unread", "[2", "3]"]);
  });

  it("draws the line once, even when the first unread message itself is not there", () => {
    const messages = [message(1), message(4), message(5)];
    expect(drawn(buildItems(messages, { ...OPTIONS, firstUnreadSeq: 3 }))).toEqual(["day", "[1]", "unread", "[4", "5]"]);
  });

  it("never draws the line for what waits in the queue", () => {
    const queued = message(0, { seq: null, key: "k" });
    expect(drawn(buildItems([message(1), queued], { ...OPTIONS, firstUnreadSeq: 2 }))).not.toContain("unread");
  });

  it("leaves system notes alone", () => {
    const note = message(2, { message_type: "system", sender: null });
    expect(drawn(buildItems([message(1), note, message(3)], OPTIONS))).toEqual(["day", "[1]", "[2]", "[3]"]);
  });

  it("says where a conversation begins only when nothing is older", () => {
    expect(drawn(buildItems([message(1)], { ...OPTIONS, isWhole: true }))[0]).toBe("start");
  });

  it("keeps keys apart when clocks disagree around midnight", () => {
    const messages = [
      message(1, { created_at: "2026-03-03T00:00:10" }),
      message(2, { created_at: "2026-03-02T23:59:50" }),
      message(3, { created_at: "2026-03-03T00:00:20", sender: bob }),
    ];
    const keys = buildItems(messages, OPTIONS).map((item) => item.key);
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe("indexOfSeq", () => {
  it("finds a message among what stands between", () => {
    const items = buildItems([message(7), message(8)], OPTIONS);
    expect(indexOfSeq(items, 8)).toBe(2);
    expect(indexOfSeq(items, 9)).toBe(-1);
  });
});

describe("albums", () => {
  const picture = (seq: number, part = {}) => message(seq, { album_id: "a-1", message_type: "image", ...part });
  const build = (messages: ReturnType<typeof message>[]) =>
    buildItems(messages, { firstUnreadSeq: null, hasOlder: true, isWhole: false });

  it("stand as one row that each of its messages is found in", () => {
    const items = build([message(1), picture(2), picture(3), picture(4), message(5)]);
    expect(items.map((item) => messagesOf(item).map(({ seq }) => seq))).toEqual([[1], [2, 3, 4], [5]]);
    expect([2, 3, 4].map((seq) => indexOfSeq(items, seq))).toEqual([1, 1, 1]);
    expect(items[1]?.key).toBe("album:a-1");
  });

  it("keep their key while they come in, and are parted by what others say meanwhile", () => {
    expect(build([picture(1)])[0]?.key).toBe("album:a-1");
    const items = build([picture(1), message(2, { sender: null }), picture(3), picture(4)]);
    expect(items.map((item) => messagesOf(item).length)).toEqual([1, 1, 2]);
    expect(new Set(items.map(({ key }) => key)).size).toBe(3);
  });

  it("are not made of what two people sent", () => {
    expect(build([picture(1), picture(2, { sender: null })])).toHaveLength(2);
  });
});
