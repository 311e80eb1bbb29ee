import { describe, expect, it } from "vitest";

import { codePoints } from "@/lib/growingText";

import { run as detail, stepFrame } from "../testing/shapes";
import { followRun, type Outcome } from "./follow";
import { RunModel } from "./run";

const FIRST = "Я погляну 🏺 на погоду. ";
const SECOND = "It is 21 °C in Kyiv.";

function frame(event: string | null, id: string, data: unknown): string {
  return `${event === null ? "" : `event: ${event}\n`}id: ${id}\ndata: ${JSON.stringify(data)}\n\n`;
}

function words(n: number, text: string, from: number): string {
  const letters = Array.from(text);
  let frames = "";
  for (let at = from; at < letters.length; at += 3) {
    const delta = letters.slice(at, at + 3).join("");
    frames += frame(null, `${n}.${at + codePoints(delta)}`, { delta, n, done: false });
  }
  return frames;
}

/** Streams one run of three steps from any position, and cuts each connection where it is told to. */
class CuttingServer {
  opened = 0;
  readonly positions: string[] = [];

  /** `cuts[n]`: how many bytes of connection n arrive; beyond the list all of them do. */
  constructor(private readonly cuts: number[]) {}

  open = (): Promise<Response> => {
    this.opened += 1;
    return Promise.resolve(this.respond(frame("start", "0.s", { run: detail({ state: "running" }) }) + this.after("0.s")));
  };

  resume = (_: string, position: string): Promise<Response> => {
    this.positions.push(position);
    return Promise.resolve(this.respond(this.after(position)));
  };

  /** Steps after, text from. */
  private after(position: string): string {
    const [step, place] = position.split(".").map((part, index) => (index === 0 ? Number(part) : part)) as [number, string];
    const from = (n: number) => (n === step && /^\d+$/.test(place) ? Number(place) : 0);
    const has = (n: number, mark: "s" | "e") => n < step || (n === step && (mark === "s" || place === "e"));
    const began = (n: number, name = "") =>
      frame("step", `${n}.s`, stepFrame({ n, kind: name === "" ? "model" : "tool", name, state: name === "" ? "open" : "sending" }));
    const used = (n: number) => frame("usage", `${n}.e`, { n, prompt_tokens: 9, completion_tokens: 9, run_tokens: 18 * n, estimated: false });
    let frames = "";
    if (!has(1, "s")) frames += began(1);
    if (!has(1, "e")) frames += words(1, FIRST, from(1)) + used(1);
    if (!has(2, "s")) frames += began(2, "get_weather");
    if (!has(2, "e")) frames += frame("step", "2.e", stepFrame({ n: 2, kind: "tool", name: "get_weather", state: "done", status_code: 200, result: "21 °C" }));
    if (!has(3, "s")) frames += began(3);
    if (!has(3, "e")) frames += words(3, SECOND, from(3)) + used(3);
    return frames + frame(null, "3.done", { delta: "", done: true, state: "complete", reason: null, total_tokens: 99, steps: 2, calls: 1 });
  }

  private respond(text: string): Response {
    const bytes = new TextEncoder().encode(text);
    const cut = this.cuts.shift();
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(bytes.slice(0, cut));
      },
      pull(controller) {
        if (cut === undefined || cut >= bytes.length) controller.close();
        else controller.error(new TypeError("network error"));
      },
    });
    return new Response(body, { headers: { "Content-Type": "text/event-stream" } });
  }
}

async function follow(server: CuttingServer): Promise<{ run: RunModel; outcome: Outcome }> {
  const run = new RunModel("Weather?");
  const outcome = await followRun({
    run,
    source: { open: server.open, resume: server.resume },
    signal: new AbortController().signal,
    wait: () => Promise.resolve(),
  });
  return { run, outcome };
}

function seen(run: RunModel) {
  return run.steps.value.map((step) => [step.n, step.text.value, step.data.value.state, step.data.value.result]);
}

const WHOLE = [
  [1, FIRST, "done", null],
  [2, "", "done", "21 °C"],
  [3, SECOND, "done", null],
];

describe("followRun", () => {
  it("is the same wherever the first connection is cut", async () => {
    for (let cut = 150; cut < 6_000; cut += 97) {
      const server = new CuttingServer([cut]);
      const { run, outcome } = await follow(server);
      expect(outcome.kind).toBe("ended");
      expect(seen(run), `cut at ${cut}`).toEqual(WHOLE);
      expect(run.tokens.value).toBe(99);
    }
  });

  it("asks from where its words end", async () => {
    const server = new CuttingServer([1_800, 200, 200, 200]);
    const { run } = await follow(server);
    expect(server.opened).toBe(1);
    expect(server.positions.length).toBeGreaterThanOrEqual(4);
    expect(server.positions.every((position) => /^\d+\.(?:\d+|s|e)$/.test(position))).toBe(true);
    expect(seen(run)).toEqual(WHOLE);
  });

  it("opens again with the same request while nobody has named the run", async () => {
    const server = new CuttingServer([10, 10]);
    const { run } = await follow(server);
    expect(server.opened).toBe(3);
    expect(seen(run)).toEqual(WHOLE);
  });

  it("says when the server refuses", async () => {
    const run = new RunModel("Weather?");
    const refuse = () => Promise.resolve(Response.json({ error: "No.", code: "upgrade_required" }, { status: 403 }));
    const outcome = await followRun({ run, source: { open: refuse, resume: refuse }, signal: new AbortController().signal });
    expect(outcome).toMatchObject({ kind: "error", error: { code: "upgrade_required" } });
  });

  it("gives up on a run that never began, and never on one that did", async () => {
    const away = () => Promise.resolve(Response.json({}, { status: 503 }));
    let tries = 0;
    const run = new RunModel("Weather?");
    const options = { signal: new AbortController().signal, wait: () => Promise.resolve() };
    const outcome = await followRun({ run, source: { open: () => (tries++, away()), resume: away }, ...options });
    expect(outcome.kind).toBe("unreachable");
    expect(tries).toBe(10);

    const known = new RunModel("Weather?");
    known.id.value = "r1";
    const abort = new AbortController();
    let asked = 0;
    const resume = () => {
      asked += 1;
      if (asked === 50) abort.abort();
      return away();
    };
    expect((await followRun({ run: known, source: { resume }, signal: abort.signal, wait: () => Promise.resolve() })).kind).toBe("aborted");
    expect(asked).toBe(50);
  });
});
