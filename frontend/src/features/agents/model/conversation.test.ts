import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { publish } from "@/lib/realtime/eventBus";

import { approval, run as runDetail, step as aStep } from "../testing/shapes";
import type { AgentsIn, RunIn } from "../shapes";
import { AgentsOf } from "./conversation";
import * as server from "./api";

const ME = { id: "p1", username: "alice", name: "Alice", avatar_url: "", kind: "human" } as const;
const RUN: RunIn = {
  id: "r1",
  user_id: "u1",
  state: "running",
  asker: ME,
  payer: ME,
  hop: 0,
  may_open: true,
  created_at: "2026-01-01T00:00:00Z",
};

vi.mock("./api");
vi.mock("@/lib/api", async (original) => ({
  ...(await original<typeof import("@/lib/api")>()),
  currentUser: { value: { id: "p1" }, peek: () => ({ id: "p1" }) },
}));

function there(running: readonly RunIn[]): AgentsIn {
  return { agents: [], paused: false, paused_by: null, paused_at: null, may_resume: false, running: [...running] };
}

describe("the agents of a conversation", () => {
  let agents: AgentsOf;
  let close: () => void;

  beforeEach(async () => {
    vi.mocked(server.readAgentsIn).mockResolvedValue(there([RUN]));
    agents = new AgentsOf("c1");
    close = agents.open();
    await vi.waitFor(() => expect(agents.data.value?.running).toHaveLength(1));
  });

  afterEach(() => close());

  const running = (state: RunIn["state"], name: string | null = null) =>
    publish({
      type: "agent.run",
      payload: { conversation_id: "c1", run_id: "r1", user_id: "u1", state, doing: name === null ? null : { name } },
    });

  it("say what a run does, until it has ended", () => {
    running("running", "get_weather");
    expect(agents.doing.value.get("r1")).toBe("get_weather");
    running("running");
    expect(agents.doing.value.has("r1")).toBe(false);
    running("complete");
    expect(agents.data.value?.running).toEqual([]);
  });

  it("are asked for anew when one of them does what is not known here", async () => {
    vi.mocked(server.readAgentsIn).mockResolvedValue(there([RUN, { ...RUN, id: "r2" }]));
    publish({
      type: "agent.run",
      payload: { conversation_id: "c1", run_id: "r2", user_id: "u1", state: "queued", doing: null },
    });
    await vi.waitFor(() => expect(agents.data.value?.running).toHaveLength(2));
  });

  it("keep a question that came while they were being read", async () => {
    const asked = approval({ run_id: "r1", asked_of: ME });
    let answer: (read: AgentsIn) => void = () => undefined;
    vi.mocked(server.readAgentsIn).mockReturnValueOnce(new Promise((resolve) => (answer = resolve)));
    const reading = agents.read();
    publish({
      type: "agent.run_changed",
      payload: { run_id: "r1", agent_id: "a1", conversation_id: "c1", state: "waiting", reason: null, approval: asked },
    });
    answer(there([RUN]));
    await reading;
    expect(agents.asking.value).toEqual([asked]);
    // And what it has read before that is read again.
    const step = { state: "asking", approval: asked } as const;
    vi.mocked(server.readAgentsIn).mockResolvedValue(there([{ ...RUN, state: "waiting" }]));
    vi.mocked(server.readRun).mockResolvedValue(runDetail({ trace: [{ ...aStep(), ...step }] }));
    await vi.waitFor(() => expect(agents.data.value?.running[0]?.state).toBe("waiting"));
    await vi.waitFor(() => expect(agents.asking.value).toEqual([asked]));
  });

  it("ask whom they mean, once, until there is an answer", () => {
    const asked = approval({ run_id: "r1", asked_of: ME });
    const changed = (of: typeof asked) =>
      publish({
        type: "agent.run_changed",
        payload: { run_id: "r1", agent_id: "a1", conversation_id: "c1", state: "waiting", reason: null, approval: of },
      });
    changed(approval({ run_id: "r1", asked_of: { ...ME, id: "p2" } }));
    expect(agents.asking.value).toEqual([]);
    changed(asked);
    changed(asked);
    expect(agents.asking.value).toEqual([asked]);
    expect(agents.data.value?.running[0]?.state).toBe("waiting");
    // Decided in another tab, say.
    running("running");
    expect(agents.asking.value).toEqual([]);
  });

  it("show what was asked before one came", async () => {
    const waiting = approval({ run_id: "r1", asked_of: ME, state: "waiting" });
    vi.mocked(server.readAgentsIn).mockResolvedValue(there([{ ...RUN, state: "waiting" }]));
    vi.mocked(server.readRun).mockResolvedValue(
      runDetail({ trace: [{ state: "asking", approval: waiting } as never, { state: "done", approval: null } as never] }),
    );
    await agents.read();
    expect(agents.asking.value).toEqual([waiting]);
  });

  it("tell why there is no answer until one says something again", () => {
    const refused = { conversation_id: "c1", message_id: "m1", agent_id: "a1", user_id: "u1", code: "plan", error: "No.", reset_at: null };
    publish({ type: "agent.refused", payload: { ...refused, conversation_id: "c2" } });
    expect(agents.refused.value).toBeNull();
    publish({ type: "agent.refused", payload: refused });
    expect(agents.refused.value?.error).toBe("No.");
    const own = { conversation_id: "c1", message_type: "text", sender: ME, system: null };
    publish({ type: "message.new", payload: { ...own, id: "m1" } });
    expect(agents.refused.value?.error).toBe("No.");
    publish({ type: "message.new", payload: { ...own, id: "m2" } });
    expect(agents.refused.value).toBeNull();
  });

  it("are not heard any more by whoever has left", () => {
    close();
    running("complete");
    expect(agents.data.value?.running).toHaveLength(1);
  });
});
