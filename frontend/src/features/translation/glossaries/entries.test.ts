import { describe, expect, it } from "vitest";

import { readEntries, writeEntries } from "./entries";

describe("entries of a glossary", () => {
  it.each([
    ["gold = золото", "gold", "золото"],
    ["gold\tзолото", "gold", "золото"],
    ["gold; золото", "gold", "золото"],
    ["gold,золото,a remark", "gold", "золото"],
    ['"gold, pure","золото, чисте"', "gold, pure", "золото, чисте"],
    ['"a ""b"" c";золото', 'a "b" c', "золото"],
    ["a = b\tв = г", "a = b", "в = г"],
    ["\uFEFFgold = золото", "gold", "золото"],
  ])("are read from %j", (line, source, target) => expect(readEntries(line).entries).toEqual([{ source, target }]));

  it("skip empty lines and name the lines that say too little", () => {
    const { entries, unread } = readEntries("gold = золото\r\n\r\nclay\nglaze =\nkiln = піч");
    expect(entries).toEqual([
      { source: "gold", target: "золото" },
      { source: "kiln", target: "піч" },
    ]);
    expect(unread).toEqual([3, 4]);
  });

  it("say what stands there twice", () => {
    expect(readEntries("a = b\nc = d\na = e").twice).toEqual({ term: "a", line: 3 });
    expect(readEntries("a = b\nA = c").twice).toBeNull();
  });

  it("come back as they were", () => {
    const entries = [
      { source: "gold", target: "золото" },
      { source: "a = b", target: "в; г" },
      { source: 'say "so"', target: "скажи" },
    ];
    expect(readEntries(writeEntries(entries)).entries).toEqual(entries);
  });
});
