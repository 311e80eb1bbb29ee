import { describe, expect, it } from "vitest";

import { nextSteps } from "./steps";

const stepsOf = (code: string, context: Record<string, unknown>) => nextSteps({ code, context });

describe("the next step of an error", () => {
  it("is another model when this one is overloaded", () => {
    const others = [{ id: "luna", name: "GPT-6 Luna" }, { id: "haiku", name: "Haiku" }];
    expect(stepsOf("provider_overloaded", { others })).toEqual(others.map((other) => ({ kind: "model", ...other })));
    expect(stepsOf("provider_overloaded", {})).toEqual([]);
    expect(stepsOf("provider_overloaded", { others: [null, "x", { id: 3, name: "y" }] })).toEqual([]);
  });

  it("is more room or less thinking when it thought for too long", () => {
    expect(stepsOf("thought_too_long", { effort: "high", fits: "low" })).toEqual([{ kind: "room" }, { kind: "lower", effort: "low" }]);
    expect(stepsOf("thought_too_long", { effort: "low", fits: null })).toEqual([{ kind: "room" }]);
  });

  it("is an effort that fits when the asked one is too dear, if there is any", () => {
    expect(stepsOf("effort_too_dear", { effort: "high", floor: 12256, left: 3000, fits: "low" })).toEqual([{ kind: "effort", effort: "low" }]);
    expect(stepsOf("effort_too_dear", { effort: "low", fits: null })).toEqual([]);
  });

  it.each(["model_ended", "model_gone"])("is the successor after %s", (code) => {
    expect(stepsOf(code, { successor: "terra", successor_name: "GPT-6.1 Terra" })).toEqual([{ kind: "successor", id: "terra", name: "GPT-6.1 Terra" }]);
    expect(stepsOf(code, { successor: "terra" })).toEqual([{ kind: "successor", id: "terra", name: "terra" }]);
    expect(stepsOf(code, { successor: null })).toEqual([]);
  });

  it("is none of its own for any other code", () => {
    expect(stepsOf("stream_cut", { fits: "low", others: [{ id: "a", name: "A" }] })).toEqual([]);
  });
});
