import { describe, expect, it } from "vitest";

import { citation, lamp, paper, run, source } from "../testing/shapes";
import { isLive, progressed } from "./document";
import { counted, stopsExport, worst } from "./lamps";
import { addressOf, doiIn, shortName } from "./sources";

const TOLD = { job_id: "j1", document_id: "d1", status: "running", progress: 60, section: 2, error: null } as const;

describe("a document that is written", () => {
  it("is live while its run has not ended", () => {
    expect(["queued", "running", "paused"].every((status) => isLive(run({ status: status as "queued" })))).toBe(true);
    expect(isLive(run({ status: "cancelled" }))).toBe(false);
    expect(isLive(null)).toBe(false);
  });

  it("goes on as the socket tells", () => {
    expect(progressed(paper(), TOLD).run).toMatchObject({ progress: 60, section: 2, status: "running" });
    expect(progressed(paper(), { ...TOLD, status: "paused" }).run?.status).toBe("paused");
  });

  it("does not go back, nor by what is told of another run, nor after the end", () => {
    const document = paper({ run: run({ progress: 80 }) });
    expect(progressed(document, TOLD)).toBe(document);
    expect(progressed(paper(), { ...TOLD, job_id: "j0" }).run?.progress).toBe(20);
    expect(progressed(paper({ run: run({ status: "completed" }) }), TOLD).run?.status).toBe("completed");
  });
});

describe("the lamps of a citation", () => {
  it("are as good as the worst of them, and one that nobody asked for is never green", () => {
    expect(worst(citation())).toBe("green");
    expect(worst(citation({ lamps: { exists: lamp() } }))).toBe("grey");
    expect(worst(citation({ lamps: { ...citation().lamps, metadata: lamp({ lamp: "amber" }), support: lamp({ lamp: "grey" }) } }))).toBe("amber");
  });

  it("stop an export when they are red and nobody has taken it upon themselves", () => {
    const red = { ...citation().lamps, support: lamp({ lamp: "red", reasons: ["figure"] }) };
    expect(stopsExport(citation({ lamps: red }))).toBe(true);
    expect(stopsExport(citation({ lamps: red, overridden_at: "2026-01-01T00:00:00Z", override_reason: "Read." }))).toBe(false);
    expect(counted([citation(), citation({ lamps: red })])).toEqual({ green: 1, amber: 0, red: 1, grey: 0 });
  });
});

describe("a source", () => {
  it("is named by its authors and year, or by what there is", () => {
    expect(shortName(source())).toBe("Sampleton & Muster 2019");
    expect(shortName(source({ csl: { author: [{ family: "A" }, { family: "B" }, { family: "C" }] } }))).toBe("A et al.");
    expect(shortName(source({ csl: {} }))).toBe("S1");
  });

  it("leads to where it can be read, and a demo's to nowhere", () => {
    expect(addressOf(source())).toBe("https://doi.org/10.5555/demo.1");
    expect(addressOf(source({ is_demo: true }))).toBeNull();
    expect(addressOf(source({ doi: "", csl: { URL: "javascript:alert(1)" } }))).toBeNull();
  });

  it("is added by its DOI, also as an address", () => {
    expect(doiIn(" https://doi.org/10.1000/xyz123 ")).toBe("10.1000/xyz123");
    expect(doiIn("doi:10.1000/xyz123")).toBe("10.1000/xyz123");
    expect(doiIn("night shifts")).toBeNull();
  });
});
