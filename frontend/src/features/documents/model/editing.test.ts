import { describe, expect, it } from "vitest";

import type { Block } from "../shapes";
import { blocksOf, draftsOf } from "./editing";
import type { Draft } from "./editing";

const BLOCKS: Block[] = [
  { kind: "heading", level: 2, t: "Sleep" },
  { kind: "paragraph", s: [{ t: "It is less.", c: [{ s: "S1", n: 1 }] }, { t: "Nobody knows why." }] },
  { kind: "list", ordered: true, items: [[{ t: "Naps help.", c: [{ s: "S1", n: 2 }] }], [{ t: "They are short." }]] },
  { kind: "table", caption: "Orders", header: ["Order"], rows: [["Forward"]] },
];
const KEYS = ["S1", "S2"];

function edited(index: number, text: string): Draft[] {
  return draftsOf(BLOCKS).map((draft, at) => (at === index && draft.kind !== "table" ? { ...draft, text } : draft));
}

describe("a section that is edited", () => {
  it("is the same when nothing was changed", () => {
    expect(blocksOf(draftsOf(BLOCKS), BLOCKS, KEYS)).toEqual(BLOCKS);
  });

  it("keeps the number of a citation that moves to another paragraph", () => {
    const drafts = draftsOf(BLOCKS);
    const swapped = [drafts[2], drafts[1], drafts[0], drafts[3]].filter((draft) => draft !== undefined);
    const result = blocksOf(swapped, BLOCKS, KEYS);
    expect(Array.isArray(result) && result[0]).toEqual({ kind: "list", ordered: true, items: [[{ t: "Naps help.", c: [{ s: "S1", n: 2 }] }], [{ t: "They are short." }]] });
    expect(Array.isArray(result) && result[1]).toEqual(BLOCKS[1]);
  });

  it("keeps the number of a citation whose sentence is edited, and counts on for a new one", () => {
    const result = blocksOf(edited(1, "It is far less. [S1] Nobody knows why. [S1] [S2]"), BLOCKS, KEYS);
    const c = [{ s: "S1", n: 3 }, { s: "S2", n: 4 }];
    expect(Array.isArray(result) && result[1]).toEqual({ kind: "paragraph", s: [{ t: "It is far less.", c: [{ s: "S1", n: 1 }] }, { t: "Nobody knows why.", c }] });
  });

  it("leaves out what became empty", () => {
    const result = blocksOf(edited(0, "  "), BLOCKS, KEYS);
    expect(Array.isArray(result) && result.map(({ kind }) => kind)).toEqual(["paragraph", "list", "table"]);
  });

  it("is refused where a source is unknown, a citation stands before any words, or nothing is left", () => {
    expect(blocksOf(edited(1, "It is less. [S9]"), BLOCKS, KEYS)).toEqual({ problem: "unknownKey", key: "b1", source: "S9" });
    expect(blocksOf(edited(2, "Naps help.\n[S1] They are short."), BLOCKS, KEYS)).toEqual({ problem: "markFirst", key: "b2" });
    expect(blocksOf([], BLOCKS, KEYS)).toEqual({ problem: "emptyText", key: null });
  });
});
