import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { ApiError } from "@/lib/api";

import type { Agent, Draft } from "../shapes";
import { agent } from "../testing/shapes";
import { DraftKeeper } from "./draft";

/** Answers when it is told to. */
class SlowServer {
  readonly saved: { draft: Draft; isLeaving: boolean }[] = [];
  published = 0;
  answer: Agent = agent({ version: 4 });
  private readonly waiting: { resolve: () => void; reject: (error: unknown) => void }[] = [];

  save = (draft: Draft, isLeaving: boolean): Promise<void> => {
    this.saved.push({ draft, isLeaving });
    return new Promise((resolve, reject) => this.waiting.push({ resolve, reject }));
  };

  publish = (): Promise<Agent> => {
    this.published += 1;
    return Promise.resolve(this.answer);
  };

  async settle(error?: unknown): Promise<void> {
    const first = this.waiting.shift();
    if (error === undefined) first?.resolve();
    else first?.reject(error);
    await vi.advanceTimersByTimeAsync(0);
  }
}

function keeper(server: SlowServer, of = agent()): DraftKeeper {
  return new DraftKeeper(of, server, { wait: () => Promise.resolve() });
}

const drafts = (server: SlowServer) => server.saved.map(({ draft }) => draft);

describe("the draft of an agent", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("is kept once after a pause in the typing, as what differs", async () => {
    const server = new SlowServer();
    const draft = keeper(server);
    draft.change({ name: "C" });
    draft.change({ name: "Cl" });
    expect(draft.state.value).toBe("waiting");
    await vi.advanceTimersByTimeAsync(1_000);
    expect(drafts(server)).toEqual([{ name: "Cl" }]);
    expect(draft.state.value).toBe("saving");
    await server.settle();
    expect(draft.state.value).toBe("saved");
    expect(draft.isDirty.value).toBe(true);
  });

  it("sends what was typed meanwhile afterwards, and never two at once", async () => {
    const server = new SlowServer();
    const draft = keeper(server);
    draft.change({ name: "First" });
    await vi.advanceTimersByTimeAsync(1_000);
    draft.change({ name: "Second" });
    await vi.advanceTimersByTimeAsync(5_000);
    expect(drafts(server)).toEqual([{ name: "First" }]);
    await server.settle();
    expect(draft.fields.value.name).toBe("Second");
    expect(drafts(server)).toEqual([{ name: "First" }, { name: "Second" }]);
    await server.settle();
    expect(draft.state.value).toBe("saved");
  });

  it("takes back what is as it is published", async () => {
    const server = new SlowServer();
    const draft = keeper(server);
    draft.change({ name: "Other" });
    await vi.advanceTimersByTimeAsync(1_000);
    draft.change({ name: "Clerk" });
    await server.settle();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(drafts(server)).toEqual([{ name: "Other" }, {}]);
    await server.settle();
    expect(draft.isDirty.value).toBe(false);
  });

  it("asks nothing for a change that was undone in time", async () => {
    const server = new SlowServer();
    const draft = keeper(server);
    draft.change({ name: "Other" });
    draft.change({ name: "Clerk" });
    await vi.advanceTimersByTimeAsync(2_000);
    expect(server.saved).toEqual([]);
    expect(draft.state.value).toBe("saved");
  });

  it("tries again when the server is away, with the newest words", async () => {
    const server = new SlowServer();
    const draft = keeper(server);
    draft.change({ name: "First" });
    await vi.advanceTimersByTimeAsync(1_000);
    draft.change({ name: "Second" });
    await server.settle(new ApiError("away", 0, "network"));
    expect(drafts(server)).toEqual([{ name: "First" }, { name: "Second" }]);
    expect(draft.state.value).toBe("retrying");
    await server.settle();
    expect(draft.state.value).toBe("saved");
  });

  it("does not repeat what the server refuses until it is changed", async () => {
    const server = new SlowServer();
    const draft = keeper(server);
    draft.change({ model: "without-tools" });
    await vi.advanceTimersByTimeAsync(1_000);
    await server.settle(new ApiError("No tools", 400, "model_without_tools"));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(server.saved).toHaveLength(1);
    expect(draft.state.value).toBe("refused");
    draft.change({ model: "demo-2" });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(drafts(server).at(-1)).toEqual({ model: "demo-2" });
    await server.settle();
    expect(draft.trouble.value).toBeNull();
  });

  it("publishes after the last words are kept; what is typed meanwhile is a draft again", async () => {
    const server = new SlowServer();
    server.answer = agent({ version: 4, name: "New" });
    const draft = keeper(server);
    draft.change({ name: "New" });
    const published = draft.publish();
    await vi.advanceTimersByTimeAsync(0);
    expect([server.saved.length, server.published]).toEqual([1, 0]);
    await server.settle();
    await published;
    expect(server.published).toBe(1);
    expect([draft.version.value, draft.isDirty.value]).toEqual([4, false]);

    draft.change({ system_prompt: "Now this." });
    server.answer = agent({ version: 5, name: "New", system_prompt: "Now this." });
    const again = draft.publish();
    await server.settle();
    draft.change({ name: "Newer" });
    await again;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(draft.fields.value.name).toBe("Newer");
    expect(drafts(server).at(-1)).toEqual({ name: "Newer" });
  });

  it("is not published when the last words were refused", async () => {
    const server = new SlowServer();
    const draft = keeper(server);
    draft.change({ name: "Taken" });
    const published = draft.publish().catch((error: unknown) => (error as ApiError).code);
    await server.settle(new ApiError("Taken", 409, "name_taken"));
    expect(await published).toBe("name_taken");
    expect(server.published).toBe(0);
  });

  it("begins with what was left, and sends the last words when one leaves", async () => {
    const server = new SlowServer();
    const draft = keeper(server, agent({ draft: { name: "Left", someday: true } }));
    expect(draft.fields.value.name).toBe("Left");
    expect(draft.state.value).toBe("saved");
    draft.change({ name: "Last" });
    draft.leave();
    expect(server.saved).toEqual([{ draft: { name: "Last" }, isLeaving: true }]);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(server.saved).toHaveLength(1);
  });
});
