/** Rows of the server for tests. */
import type { StepFrame } from "../model/frames";
import type { Agent, AgentFunction, Approval, RunDetail, Step } from "../shapes";

const PERSON = { id: "p1", username: "alice", name: "Alice", avatar_url: "", kind: "human" } as const;
export const LIMITS = { max_steps: 12, max_calls: 20, max_seconds: 120, run_tokens: 40_000, history_tokens: 4_000 };

export function agent(change: Partial<Agent> = {}): Agent {
  return {
    id: "a1",
    user: { ...PERSON, id: "u1", username: "clerk", name: "Clerk", kind: "agent" },
    owner: PERSON,
    name: "Clerk",
    model: "demo",
    audience: "owner",
    payer: "asker",
    is_active: true,
    is_own: true,
    version: 3,
    hosts: [],
    functions_count: 0,
    created_at: "2026-01-01T00:00:00Z",
    updated_at: "2026-01-01T00:00:00Z",
    system_prompt: "You are a clerk.",
    temperature: null,
    max_tokens: 2_000,
    owner_daily_tokens: null,
    asker_daily_tokens: null,
    limits: LIMITS,
    template: "",
    switched_off_by_staff: false,
    draft: null,
    functions: [],
    sources: [],
    ...change,
  };
}

export function agentFunction(change: Partial<AgentFunction> = {}): AgentFunction {
  return {
    id: "f1",
    source_id: null,
    name: "get_weather",
    description: "The weather of a city.",
    parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
    function_type: "api",
    tool: "",
    endpoint_url: "https://api.example.com/weather/{city}",
    host: "api.example.com",
    http_method: "GET",
    headers: {},
    places: { city: { kind: "path", name: "city", join: "" } },
    auth_config: { kind: "none", name: "", secret_last4: null },
    effect: "read",
    repeat: "always",
    confirm: "never",
    callable_by: "owner",
    timeout: 30,
    per_run: 20,
    per_day: null,
    is_enabled: true,
    approved_at: null,
    pinned_hash: "",
    definition_hash: "",
    changed: null,
    notices: [],
    problem: "",
    called_at: null,
    ...change,
  };
}

export function step(change: Partial<Step> = {}): Step {
  return {
    id: "s1",
    n: 1,
    kind: "model",
    state: "done",
    attempt: 1,
    is_closing: false,
    text: "",
    calls: [],
    function_id: null,
    name: "",
    call_id: "",
    arguments: null,
    arguments_hash: "",
    effect: null,
    request: null,
    response: null,
    status_code: null,
    result: null,
    error: null,
    prompt_tokens: 0,
    completion_tokens: 0,
    started_at: "2026-01-01T00:00:00Z",
    finished_at: "2026-01-01T00:00:01Z",
    approval: null,
    ...change,
  };
}

export function approval(change: Partial<Approval> = {}): Approval {
  return {
    id: "ap1",
    run_id: "r1",
    step_id: "s3",
    n: 3,
    name: "create_ticket",
    host: "api.example.com",
    arguments: { title: "Broken" },
    arguments_hash: "abc",
    request: null,
    why: "writes",
    asked_of: PERSON,
    state: "waiting",
    expires_at: "2026-01-01T00:15:00Z",
    decided_at: null,
    ...change,
  };
}

export function run(change: Partial<RunDetail> = {}): RunDetail {
  return {
    id: "r1",
    agent_id: "a1",
    template: null,
    version: 3,
    model: "demo",
    trigger: "console",
    is_dry: true,
    is_stopping: false,
    state: "complete",
    reason: null,
    error: null,
    prompt: "Hello",
    conversation_id: null,
    asker: PERSON,
    payer: PERSON,
    hop: 0,
    limits: LIMITS,
    at_most: 40_000,
    steps: 1,
    calls: 0,
    prompt_tokens: 10,
    completion_tokens: 5,
    total_tokens: 15,
    estimated: false,
    seconds: 1,
    answer_message_ids: [],
    created_at: "2026-01-01T00:00:00Z",
    started_at: null,
    finished_at: null,
    text: null,
    trace: [],
    ...change,
  };
}

/** What the stream says of a step that begins. */
export function stepFrame(change: Partial<StepFrame> & Pick<StepFrame, "n" | "kind">): StepFrame {
  return {
    state: "open",
    attempt: 1,
    is_closing: false,
    name: "",
    arguments: null,
    effect: null,
    status_code: null,
    seconds: null,
    bytes: null,
    result: null,
    error: null,
    ...change,
  };
}
