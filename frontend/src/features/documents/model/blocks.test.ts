import { describe, expect, it } from "vitest";

import type { Block } from "../shapes";
import { marksOf, numbering, read, sentencesOf, styleChanges, wordsOf, written } from "./blocks";

const SENTENCES = [{ t: "Nurses, e.g. those at night, sleep less." }, { t: "It is 82 min. less.", c: [{ s: "S1", n: 1 }, { s: "S2", n: 2 }], note: "On average." }];
const BLOCKS: Block[] = [
  { kind: "heading", level: 2, t: "Sleep" },
  { kind: "paragraph", s: SENTENCES },
  { kind: "list", items: [[{ t: "Naps help.", c: [{ s: "S1", n: 3 }] }]] },
  { kind: "table", header: ["Order"], rows: [["Forward"]] },
];

describe("the text of a section", () => {
  it("is read sentence by sentence", () => {
    expect(sentencesOf(BLOCKS).map(({ t }) => t)).toEqual(["Nurses, e.g. those at night, sleep less.", "It is 82 min. less.", "Naps help."]);
    expect(marksOf(BLOCKS).map(({ n }) => n)).toEqual([1, 2, 3]);
    expect(wordsOf(BLOCKS)).toBe(1 + 7 + 5 + 2 + 2);
  });

  it("comes back as it was when nothing is edited, with its sentences, numbers and notes", () => {
    expect(written(SENTENCES)).toBe("Nurses, e.g. those at night, sleep less. It is 82 min. less. [S1] [S2] [^ On average.]");
    expect(read(written(SENTENCES), SENTENCES, numbering(BLOCKS, written(SENTENCES)))).toEqual(SENTENCES);
  });

  it("gives a citation that is new the next number of its section", () => {
    expect(read("Naps help. [S1] They are short. [S4]", [{ t: "Naps help.", c: [{ s: "S1", n: 3 }] }], numbering(BLOCKS, "Naps help."))).toEqual([
      { t: "Naps help.", c: [{ s: "S1", n: 3 }] },
      { t: "They are short.", c: [{ s: "S4", n: 4 }] },
    ]);
  });

  it("has no citation before the first word", () => {
    expect(read("[S1] Naps help.", [], numbering([], ""))).toBeNull();
    expect(read("  ", [], numbering([], ""))).toEqual([]);
  });

  it("is compared sentence by sentence after the style pass", () => {
    const styled: Block[] = [{ kind: "paragraph", s: [{ t: "Night nurses sleep less." }, ...SENTENCES.slice(1)] }, ...BLOCKS.slice(2)];
    expect(styleChanges(BLOCKS, styled)).toEqual([{ index: 0, before: SENTENCES[0], after: { t: "Night nurses sleep less." } }]);
    expect(styleChanges(BLOCKS, null)).toEqual([]);
  });
});
