/** What this feature reads and sends, by the names of the server's schema. */
import type { Schemas } from "@/lib/api";

export type Person = Schemas["Person"];
/** An agent as everybody sees it who may talk to it. */
export type AgentBrief = Schemas["AgentBrief"];
/** An agent as its owner sees it. */
export type Agent = Schemas["AgentShape"];
/** What is left out stays; the schema says of some fields that they become null, which is only so where null is given. */
export type AgentChange = Omit<Partial<Schemas["PatchedAgentChangeRequest"]>, "functions"> & { functions?: FunctionWrite[] };
export type NewAgent = Partial<Schemas["NewAgentRequest"]> & Pick<Schemas["NewAgentRequest"], "name">;
/** What differs from what is published; runs go by what is published. */
export type Draft = Partial<Schemas["AgentDraftRequest"]>;
export type Limits = Schemas["LimitsShape"];
export type AgentFunction = Schemas["FunctionShape"];
export type FunctionWrite = Partial<Omit<Schemas["FunctionWrite"], "auth_config">> & { auth_config?: AuthWrite };
export type Auth = Schemas["AuthShape"];
/** A secret that is left out stays; null takes it away. */
export type AuthWrite = Partial<Schemas["AuthWrite"]> & Pick<Schemas["AuthWrite"], "kind">;
export type Place = Schemas["PlaceShape"];
export type Tested = Schemas["TestedShape"];
export type Source = Schemas["SourceShape"];
export type SourceRequest = Omit<Partial<Schemas["SourceRequest"]>, "auth"> & Pick<Schemas["SourceRequest"], "kind"> & { auth?: AuthWrite };
export type Imported = Schemas["ImportedShape"];
export type Refreshed = Schemas["RefreshedShape"];
export type Template = Schemas["TemplateShape"];
export type Tool = Schemas["InternalToolShape"];
export type Estimate = Schemas["EstimateShape"];
export type Run = Schemas["RunShape"];
export type RunDetail = Schemas["RunDetail"];
export type Step = Schemas["StepShape"];
export type Approval = Schemas["ApprovalShape"];

export type RunState = Run["state"];
export type Reason = NonNullable<Run["reason"]>;
export type StepState = Step["state"];
export type Effect = AgentFunction["effect"];
export type FunctionType = AgentFunction["function_type"];
export type AuthKind = Auth["kind"];

/** Who of the agents is in a conversation, what runs there, and whether they were stopped. */
export type AgentsIn = Schemas["ConversationAgentsShape"];
export type AgentIn = Schemas["ConversationAgentShape"];
export type RunIn = Schemas["ConversationRunShape"];
/** What an agent's message says of its run. */
export type MessageRun = Schemas["AgentRun"];
