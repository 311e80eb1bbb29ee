import { describe, expect, it } from "vitest";

import { chunk, translatedDocument } from "../testing/shapes";
import { isLive, progressed } from "./document";

describe("a document that goes on", () => {
  const document = translatedDocument({ stage: "working", progress: 40, chunks: [chunk(1, { state: "done", progress: 100 }), chunk(2)] });

  it("takes what the socket tells of a part", () => {
    const next = progressed(document, { id: "d1", progress: 60, chunk: { number: 2, state: "sent", progress: 20 } });
    expect([next.progress, next.chunks[1]?.state, next.chunks[1]?.progress]).toEqual([60, "sent", 20]);
  });

  it("is not set back by what comes late", () => {
    const late = progressed(document, { id: "d1", progress: 20, chunk: { number: 1, state: "working", progress: 50 } });
    expect([late.progress, late.chunks[0]?.state]).toEqual([40, "done"]);
  });

  it.each([
    ["inspecting", true],
    ["ready", false],
    ["waiting_tokens", true],
    ["merging", true],
    ["done", false],
    ["failed", false],
  ] as const)("is looked at again while it is %s: %s", (stage, live) => expect(isLive({ stage })).toBe(live));
});
