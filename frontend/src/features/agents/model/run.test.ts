import { describe, expect, it } from "vitest";

import { approval, run as detail, step, stepFrame as frame } from "../testing/shapes";
import { RunModel } from "./run";

function heard(model: RunModel, event: string, id: string, data: unknown) {
  return model.hear({ event, id, data: JSON.stringify(data) });
}

function begun(): RunModel {
  const model = new RunModel("What is the weather?");
  heard(model, "start", "0.s", { run: detail({ state: "running" }) });
  heard(model, "step", "1.s", frame({ n: 1, kind: "model" }));
  return model;
}

function text(model: RunModel, n: number): string {
  return model.steps.value.find((one) => one.n === n)?.text.value ?? "";
}

describe("a run that is told frame by frame", () => {
  it("puts the words of each step together, counted in code points", () => {
    const model = begun();
    expect(heard(model, "message", "1.5", { delta: "Hi 🏺!", n: 1, done: false })).toBe("more");
    expect(heard(model, "message", "1.7", { delta: " a", n: 1, done: false })).toBe("more");
    expect(text(model, 1)).toBe("Hi 🏺! a");
    expect(model.position).toBe("1.7");
  });

  it("hears a frame that comes again once", () => {
    const model = begun();
    for (let times = 0; times < 2; times += 1) {
      heard(model, "message", "1.2", { delta: "Hi", n: 1, done: false });
      heard(model, "step", "2.s", frame({ n: 2, kind: "tool", name: "get_weather", state: "sending" }));
      heard(model, "step", "2.e", frame({ n: 2, kind: "tool", name: "get_weather", state: "done", status_code: 200, result: "21 °C" }));
      heard(model, "usage", "1.e", { n: 1, prompt_tokens: 90, completion_tokens: 10, run_tokens: 100, estimated: false });
    }
    expect(text(model, 1)).toBe("Hi");
    expect(model.steps.value).toHaveLength(2);
    expect(model.steps.value[1]?.data.value).toMatchObject({ state: "done", name: "get_weather", statusCode: 200, result: "21 °C" });
    expect(model.tokens.value).toBe(100);
    expect(model.calls.value).toBe(1);
  });

  it("takes of an overlap what is new, and says where something is missing", () => {
    const model = begun();
    heard(model, "message", "1.5", { delta: "Hello", n: 1, done: false });
    expect(heard(model, "message", "1.8", { delta: "llo yo", n: 1, done: false })).toBe("more");
    expect(text(model, 1)).toBe("Hello yo");
    expect(heard(model, "message", "1.12", { delta: "X", n: 1, done: false })).toBe("gap");
    expect(text(model, 1)).toBe("Hello yo");
    expect(model.position).toBe("1.8");
  });

  it("begins the words of a step anew when its model is tried again", () => {
    const model = begun();
    heard(model, "message", "1.5", { delta: "Wrong", n: 1, done: false });
    heard(model, "step", "1.s", frame({ n: 1, kind: "model", attempt: 2 }));
    expect(text(model, 1)).toBe("");
    expect(model.position).toBe("1.s");
    heard(model, "message", "1.2", { delta: "Ok", n: 1, done: false });
    expect(text(model, 1)).toBe("Ok");
  });

  it("does not open a step that has ended", () => {
    const model = begun();
    heard(model, "step", "2.s", frame({ n: 2, kind: "tool", name: "echo", state: "sending" }));
    heard(model, "step", "2.e", frame({ n: 2, kind: "tool", state: "failed", error: "No." }));
    heard(model, "step", "2.s", frame({ n: 2, kind: "tool", name: "echo", state: "sending" }));
    expect(model.steps.value[1]?.data.value.state).toBe("failed");
  });

  it("waits while a person is asked, and goes on with the call", () => {
    const model = begun();
    heard(model, "step", "3.s", frame({ n: 3, kind: "tool", name: "create_ticket", state: "asking" }));
    heard(model, "approval", "3.s", approval());
    expect(model.state.value).toBe("waiting");
    expect(model.asking.value).toMatchObject([{ name: "create_ticket", run_id: "r1", arguments_hash: "abc" }]);
    const decided = step({ n: 3, kind: "tool", state: "planned", finished_at: null, approval: approval({ state: "approved" }) });
    model.adopt(detail({ state: "running", trace: [decided] }));
    expect(model.asking.value).toEqual([]);
    heard(model, "step", "3.e", frame({ n: 3, kind: "tool", state: "done", status_code: 201 }));
    expect(model.steps.value.find((one) => one.n === 3)?.data.value).toMatchObject({ state: "done", approval: { state: "approved" } });
  });

  it("ends with its figures, and with an error when there was one", () => {
    const model = begun();
    const done = { delta: "", done: true, state: "complete", reason: null, total_tokens: 2140, steps: 4, calls: 1 };
    expect(heard(model, "message", "4.done", done)).toBe("end");
    expect(model.tokens.value).toBe(2140);
    expect(model.isLive.value).toBe(false);

    const bounded = begun();
    const body = { error: "12 steps", code: "limited", state: "limited", reason: "steps", total_tokens: 900 };
    expect(heard(bounded, "error", "4.done", body)).toBe("end");
    expect(bounded.end.value).toMatchObject({ state: "limited", reason: "steps" });
    expect(bounded.end.value?.error?.message).toBe("12 steps");
  });

  it("lets frames pass that it does not know", () => {
    expect(heard(begun(), "weather", "1.s", { n: 1 })).toBe("more");
  });
});

describe("a run that is read", () => {
  it("keeps words that are further here than at the server", () => {
    const model = begun();
    heard(model, "message", "1.5", { delta: "Hello", n: 1, done: false });
    model.adopt(detail({ state: "running", trace: [step({ state: "open", text: "Hel", finished_at: null })] }));
    expect(text(model, 1)).toBe("Hello");
    expect(model.isLive.value).toBe(true);
  });

  it("is continued after its end", () => {
    const model = begun();
    model.adopt(detail({ state: "limited", reason: "steps", trace: [step({ text: "So far" })] }));
    expect(model.end.value?.reason).toBe("steps");
    model.adopt(detail({ state: "queued", at_most: 80_000, trace: [step({ text: "So far" })] }));
    expect(model.isLive.value).toBe(true);
    expect(model.atMost.value).toBe(80_000);
  });
});
