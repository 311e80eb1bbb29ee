import { describe, expect, it } from "vitest";

import { sectionBrief } from "../testing/shapes";
import { asSent, changed, entriesOf, indented, inserted, moved, numbered, pagesFor, problemOf, removed, totalWords } from "./outline";

const ENTRIES = entriesOf([sectionBrief(1, { status: "completed" }), sectionBrief(2), sectionBrief(3, { level: 2 }), sectionBrief(4, { status: "failed" })]);
const keys = (entries: readonly { key: string }[]) => entries.map(({ key }) => key);

describe("an outline that is edited", () => {
  it("is put in another order, but for what is written", () => {
    expect(keys(moved(ENTRIES, 3, 1))).toEqual(["s1", "s4", "s2", "s3"]);
    expect(moved(ENTRIES, 1, 0)).toBe(ENTRIES);
    expect(moved(ENTRIES, 0, 2)).toBe(ENTRIES);
    expect(moved(ENTRIES, 3, 9)).toBe(ENTRIES);
  });

  it("never leaves a level out", () => {
    expect(moved(ENTRIES.slice(1), 1, 0).map(({ level }) => level)).toEqual([1, 1, 1]);
    expect(removed(ENTRIES.slice(1), "s2").map(({ level }) => level)).toEqual([1, 1]);
    expect(indented(ENTRIES, 2, 1)[2]?.level).toBe(2);
    expect(indented(ENTRIES, 3, 1)[3]?.level).toBe(2);
    expect(indented(ENTRIES, 1, -1)[1]?.level).toBe(1);
  });

  it("counts its sections as they are read", () => {
    expect(numbered([1, 1, 2, 2, 3, 1])).toEqual(["1", "2", "2.1", "2.2", "2.2.1", "3"]);
  });

  it("sums its words up to pages", () => {
    expect(totalWords(ENTRIES)).toBe(1_200);
    expect(pagesFor(1_250)).toBe(4.2);
  });

  it("says what keeps it from being saved", () => {
    expect(problemOf(ENTRIES)).toBeNull();
    expect(problemOf([])).toBe("empty");
    expect(problemOf(inserted(ENTRIES, 1, "new"))).toBe("untitled");
    expect(problemOf(changed(ENTRIES, "s2", { target_words: 20 }))).toBe("words");
    expect(problemOf(changed(ENTRIES, "s2", { target_words: Number.NaN }))).toBe("words");
  });

  it("is sent with the ids of what there was, and none for what is new", () => {
    const sent = asSent(changed(inserted(ENTRIES, 0, "new"), "new", { title: " Method " }));
    expect(sent.map(({ id }) => id)).toEqual(["s1", null, "s2", "s3", "s4"]);
    expect(sent[1]?.title).toBe("Method");
  });
});
