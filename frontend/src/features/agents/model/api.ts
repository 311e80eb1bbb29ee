/** The endpoints of agents this client calls, one function each. */
import { api, readError } from "@/lib/api";
import type { Page, Schemas } from "@/lib/api";

import type {
  Agent,
  AgentBrief,
  AgentChange,
  AgentFunction,
  AgentsIn,
  Approval,
  AuthWrite,
  Draft,
  Estimate,
  Imported,
  NewAgent,
  Refreshed,
  Run,
  RunDetail,
  Source,
  SourceRequest,
  Template,
  Tested,
  Tool,
} from "../shapes";

const AGENT = "/api/agents/{agent_id}";
const FUNCTION = `${AGENT}/functions/{function_id}`;
const SOURCE = `${AGENT}/sources/{source_id}`;
const RUN = "/api/agents/runs/{run_id}";
const CONVERSATION = "/api/agents/conversations/{conversation_id}";
const MEMBERS = "/api/messenger/conversations/{conversation_id}/participants";
const STREAM = { Accept: "text/event-stream" };

export function listAgents(signal: AbortSignal): Promise<Page<AgentBrief>> {
  return api.get("/api/agents", { signal });
}

export async function listTemplates(signal: AbortSignal): Promise<Template[]> {
  return (await api.get("/api/agents/templates", { signal })).results;
}

export async function listTools(signal: AbortSignal): Promise<Tool[]> {
  return (await api.get("/api/agents/tools", { signal })).results;
}

export function readAgent(agent_id: string, signal?: AbortSignal): Promise<Agent> {
  return api.get(AGENT, { path: { agent_id }, signal });
}

export function createAgent(body: NewAgent): Promise<Agent> {
  return api.post("/api/agents", { body });
}

export function changeAgent(agent_id: string, body: AgentChange): Promise<Agent> {
  return api.patch(AGENT, { path: { agent_id }, body: body as Schemas["PatchedAgentChangeRequest"] });
}

export function deleteAgent(agent_id: string): Promise<void> {
  return api.delete(AGENT, { path: { agent_id } });
}

export function duplicateAgent(agent_id: string): Promise<Agent> {
  return api.post(`${AGENT}/duplicate`, { path: { agent_id }, body: {} });
}

export function exportAgent(agent_id: string): Promise<Response> {
  return api.fetch("get", `${AGENT}/export`, { path: { agent_id } });
}

export function importAgent(body: Schemas["ImportRequest"]): Promise<Agent> {
  return api.post("/api/agents/import", { body });
}

export function putDraft(agent_id: string, body: Draft, keepalive = false): Promise<Agent> {
  return api.put(`${AGENT}/draft`, { path: { agent_id }, body: body, keepalive });
}

export function publish(agent_id: string): Promise<Agent> {
  return api.post(`${AGENT}/publish`, { path: { agent_id } });
}

export function testFunction(agent_id: string, function_id: string, body: Schemas["TestRequest"]): Promise<Tested> {
  return api.post(`${FUNCTION}/test`, { path: { agent_id, function_id }, body });
}

export function rotateSecret(agent_id: string, function_id: string): Promise<Schemas["RotatedShape"]> {
  return api.post(`${FUNCTION}/rotate`, { path: { agent_id, function_id } });
}

export async function approveFunctions(agent_id: string, functions: readonly AgentFunction[], enable: boolean): Promise<AgentFunction[]> {
  const items = functions.map(({ id, definition_hash: hash }) => ({ id, hash }));
  return (await api.post(`${AGENT}/functions/approve`, { path: { agent_id }, body: { items, enable } })).functions;
}

export function addSource(agent_id: string, body: SourceRequest): Promise<Imported> {
  return api.post(`${AGENT}/sources`, { path: { agent_id }, body: body as Schemas["SourceRequest"] });
}

export function refreshSource(agent_id: string, source_id: string): Promise<Refreshed> {
  return api.post(`${SOURCE}/refresh`, { path: { agent_id, source_id } });
}

export function changeSource(agent_id: string, source_id: string, body: { name?: string; auth?: AuthWrite; is_off?: boolean }): Promise<Source> {
  return api.patch(SOURCE, { path: { agent_id, source_id }, body: body as Schemas["PatchedSourceChangeRequest"] });
}

export function deleteSource(agent_id: string, source_id: string): Promise<void> {
  return api.delete(SOURCE, { path: { agent_id, source_id } });
}

/** Of an agent with what is different in its draft, or of a template. */
export function estimate(asked: { agent_id: string; draft: Draft; input: string } | { template: string; input: string }, signal: AbortSignal): Promise<Estimate> {
  return api.post("/api/agents/estimate", { body: asked as Schemas["AgentEstimateRequest"], signal });
}

export function execute(agent_id: string, body: Schemas["ExecuteRequest"], signal: AbortSignal): Promise<Response> {
  return api.fetch("post", `${AGENT}/execute`, { path: { agent_id }, body, headers: STREAM, signal });
}

/** Needs no plan that has agents, and makes none. */
export function tryTemplate(template_id: string, body: Schemas["TryRequest"], signal: AbortSignal): Promise<Response> {
  return api.fetch("post", "/api/agents/templates/{template_id}/try", { path: { template_id }, body, headers: STREAM, signal });
}

export function resumeRun(run_id: string, position: string, signal: AbortSignal): Promise<Response> {
  const headers = { ...STREAM, ...(position !== "" && { "Last-Event-ID": position }) };
  return api.fetch("get", `${RUN}/stream`, { path: { run_id }, headers, signal });
}

export function listRuns(agent_id: string, signal: AbortSignal): Promise<Page<Run>> {
  return api.get(`${AGENT}/runs`, { path: { agent_id }, signal });
}

export function readRun(run_id: string, signal?: AbortSignal): Promise<RunDetail> {
  return api.get(RUN, { path: { run_id }, signal });
}

export function stopRun(run_id: string): Promise<RunDetail> {
  return api.post(`${RUN}/stop`, { path: { run_id } });
}

/** One more budget for the same run. */
export function continueRun(run_id: string, signal: AbortSignal): Promise<Response> {
  return api.fetch("post", `${RUN}/continue`, { path: { run_id }, headers: STREAM, signal });
}

export function decide(approval: Approval, decision: "approve" | "deny", remember: boolean): Promise<RunDetail> {
  const { run_id, step_id, arguments_hash } = approval;
  return api.post(`${RUN}/approvals/{step_id}`, { path: { run_id, step_id }, body: { decision, arguments_hash, remember } });
}

/** The same, for whoever does not listen: it goes on at the server, and what it does is read from the rows. */
export async function continueUnheard(run_id: string): Promise<void> {
  const abort = new AbortController();
  const response = await continueRun(run_id, abort.signal);
  if (!response.ok) throw await readError(response);
  abort.abort();
}

export function readAgentsIn(conversation_id: string): Promise<AgentsIn> {
  return api.get(CONVERSATION, { path: { conversation_id } });
}

/** Any member: what runs ends, and nobody is answered until they are let go on. */
export function stopAgentsIn(conversation_id: string): Promise<AgentsIn> {
  return api.post(`${CONVERSATION}/stop`, { path: { conversation_id } });
}

export function resumeAgentsIn(conversation_id: string): Promise<AgentsIn> {
  return api.post(`${CONVERSATION}/resume`, { path: { conversation_id } });
}

/** Whether it answers in a group also what does not name it. */
export function setSpeaksUp(conversation_id: string, agent_id: string, speaks_up: boolean): Promise<AgentsIn> {
  return api.patch(`${CONVERSATION}/agents/{agent_id}`, { path: { conversation_id, agent_id }, body: { speaks_up } });
}

export async function addAgentTo(conversation_id: string, userId: string): Promise<void> {
  await api.post(MEMBERS, { path: { conversation_id }, body: { user_ids: [userId] } });
}

export async function removeAgentFrom(conversation_id: string, user_id: string): Promise<void> {
  await api.delete(`${MEMBERS}/{user_id}`, { path: { conversation_id, user_id } });
}
