import { describe, expect, it } from "vitest";

import { alice, message } from "../testing/people";
import { buildItems } from "./items";
import { countUnseen, highestSeqInView, isLooking } from "./seen";

/** A day line of 50 px, then messages of 100 px. */
const messages = [1, 2, 3, 4].map((seq) => message(seq));
const items = buildItems(messages, { firstUnreadSeq: null, hasOlder: false, isWhole: false });
const placed = items.map((_, index) => ({ index, start: index * 100 - 50, end: index * 100 + 50 }));

describe("highestSeqInView", () => {
  it("counts what can be read to its end", () => {
    expect(highestSeqInView(items, placed, { top: 0, bottom: 260 })).toBe(2);
  });

  it("does not count what only begins in view", () => {
    expect(highestSeqInView(items, placed, { top: 0, bottom: 340 })).toBe(2);
    expect(highestSeqInView(items, placed, { top: 0, bottom: 350 })).toBe(3);
  });

  it("counts one that is taller than the view when it fills it", () => {
    const tall = [{ index: 1, start: 0, end: 2000 }];
    expect(highestSeqInView(items, tall, { top: 500, bottom: 900 })).toBe(1);
  });

  it("does not count what was scrolled past above, nor what waits in the queue", () => {
    const queued = buildItems([message(0, { seq: null })], { firstUnreadSeq: null, hasOlder: false, isWhole: false });
    expect(highestSeqInView(items, placed.slice(0, 2), { top: 400, bottom: 800 })).toBeNull();
    expect(highestSeqInView(queued, [{ index: 1, start: 0, end: 100 }], { top: 0, bottom: 200 })).toBeNull();
  });
});

describe("isLooking", () => {
  it.each([
    ["visible", true, true],
    ["visible", false, false],
    ["hidden", true, false],
  ] as const)("a %s tab, focused: %s, means %s", (visibilityState, focused, expected) => {
    expect(isLooking({ visibilityState, hasFocus: () => focused })).toBe(expected);
  });
});

describe("countUnseen", () => {
  it("counts words of others only", () => {
    const mixed = buildItems(
      [
        message(1),
        message(2, { sender: alice }),
        message(3, { message_type: "system", sender: null }),
        message(4, { is_deleted: true }),
        message(5),
        message(0, { seq: null, key: "queued" }),
      ],
      { firstUnreadSeq: null, hasOlder: false, isWhole: false },
    );
    expect(countUnseen(mixed, 0, alice.id)).toBe(2);
    expect(countUnseen(mixed, 1, alice.id)).toBe(1);
  });
});
