import { ApiError } from "@/lib/api";

import type { AgentFunction, AuthKind, FunctionType, FunctionWrite } from "../shapes";

export type PlaceKind = AgentFunction["places"][string]["kind"];

/** One thing a function is told by the model. */
export interface Parameter {
  name: string;
  type: "string" | "number" | "integer" | "boolean";
  description: string;
  isRequired: boolean;
  /** Where it goes in the request; "auto": into the body, of a GET into the query, and where the address has its name there. */
  place: PlaceKind | "auto";
}

/** The editor of a function, as strings and choices. */
export interface FunctionForm {
  type: FunctionType;
  name: string;
  description: string;
  tool: string;
  url: string;
  method: AgentFunction["http_method"];
  /** `Name: value`, a line each. */
  headers: string;
  parameters: readonly Parameter[];
  /** A JSON schema in place of the rows, for what rows cannot say. */
  schema: string | null;
  authKind: AuthKind;
  /** Of the header, or with basic of the user. */
  authName: string;
  /** Only what is written now: what the server has is never read. */
  secret: string;
  effect: AgentFunction["effect"];
  repeat: AgentFunction["repeat"];
  confirm: AgentFunction["confirm"];
  callableBy: AgentFunction["callable_by"];
  timeout: number;
  perRun: number;
  perDay: number | null;
}

const TYPES: readonly unknown[] = ["string", "number", "integer", "boolean"];
/** Of a schema, what rows say. */
const SAID = ["type", "properties", "required", "additionalProperties"];
const READING = ["GET", "HEAD", "OPTIONS"];

export function newForm(type: FunctionType): FunctionForm {
  return {
    type,
    name: "",
    description: "",
    tool: "",
    url: "",
    method: type === "api" ? "GET" : "POST",
    headers: "",
    parameters: type === "webhook" ? [{ name: "text", type: "string", description: "", isRequired: true, place: "auto" }] : [],
    schema: null,
    authKind: type === "webhook" ? "hmac" : "none",
    authName: "",
    secret: "",
    ...(type === "api" ? READ : WRITE),
    timeout: 30,
    perRun: 20,
    perDay: null,
  };
}

const READ = { effect: "read", repeat: "always", confirm: "never", callableBy: "members" } as const;
const WRITE = { effect: "write", repeat: "never", confirm: "asker", callableBy: "owner" } as const;

/** Another method: what reads may be repeated and needs no yes, what writes is careful, until somebody says otherwise. */
export function withMethod(form: FunctionForm, method: FunctionForm["method"]): FunctionForm {
  const careful = READING.includes(method) ? READ : WRITE;
  return READING.includes(method) === READING.includes(form.method) ? { ...form, method } : { ...form, ...careful, method };
}

export function formOf(row: AgentFunction): FunctionForm {
  const parameters = rowsOf(row);
  return {
    type: row.function_type,
    name: row.name,
    description: row.description,
    tool: row.tool,
    url: row.endpoint_url,
    method: row.http_method,
    headers: Object.entries(row.headers)
      .map(([name, value]) => `${name}: ${value}`)
      .join("\n"),
    parameters: parameters ?? [],
    schema: parameters === null ? JSON.stringify(row.parameters, null, 2) : null,
    authKind: row.auth_config.kind,
    authName: row.auth_config.name,
    secret: "",
    effect: row.effect,
    repeat: row.repeat,
    confirm: row.confirm,
    callableBy: row.callable_by,
    timeout: row.timeout,
    perRun: row.per_run,
    perDay: row.per_day,
  };
}

/** Null: rows cannot say all of it. */
function rowsOf({ parameters, places }: AgentFunction): Parameter[] | null {
  const { properties = {}, required = [] } = parameters as { properties?: Record<string, Record<string, unknown>>; required?: string[] };
  if (Object.keys(parameters).some((name) => !SAID.includes(name))) return null;
  const rows: Parameter[] = [];
  for (const [name, schema] of Object.entries(properties)) {
    const { type = "string", description = "", ...others } = schema;
    if (Object.keys(others).length > 0 || !TYPES.includes(type) || typeof description !== "string") return null;
    rows.push({
      name,
      type: type as Parameter["type"],
      description,
      isRequired: required.includes(name),
      place: places[name]?.kind ?? "auto",
    });
  }
  return rows;
}

/** The rows as the JSON schema that a model is given. */
export function schemaOf(rows: readonly Parameter[]): Record<string, unknown> {
  const named = rows.filter(({ name }) => name.trim() !== "");
  const required = named.filter(({ isRequired }) => isRequired).map(({ name }) => name.trim());
  return {
    type: "object",
    properties: Object.fromEntries(
      named.map(({ name, type, description }) => [name.trim(), { type, ...(description.trim() !== "" && { description: description.trim() }) }]),
    ),
    ...(required.length > 0 && { required }),
  };
}

export type Mistakes = Partial<Record<"name" | "url" | "headers" | "schema" | "secret" | "authName" | "tool", MistakeKind>>;
export type MistakeKind = "nameForm" | "needed" | "headerForm" | "jsonForm" | "secretNeeded";

/** What can be told without asking the server. `hasSecret`: it keeps one already. */
export function mistakes(form: FunctionForm, hasSecret: boolean): Mistakes {
  const found: Mistakes = {};
  if (!/^[A-Za-z][A-Za-z0-9_-]{0,59}$/.test(form.name)) found.name = "nameForm";
  if (form.type === "internal") return form.tool === "" ? { ...found, tool: "needed" } : found;
  if (form.url.trim() === "") found.url = "needed";
  if (headersOf(form.headers) === null) found.headers = "headerForm";
  if (form.schema !== null && parsedSchema(form.schema) === null) found.schema = "jsonForm";
  const isSigned = form.authKind === "hmac" || form.authKind === "none";
  if (!isSigned && !hasSecret && form.secret === "") found.secret = "secretNeeded";
  if ((form.authKind === "header" || form.authKind === "basic") && form.authName.trim() === "") found.authName = "needed";
  return found;
}

function headersOf(text: string): Record<string, string> | null {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const pairs = lines.map((line) => /^\s*([^\s:]+)\s*:\s*(.*?)\s*$/.exec(line));
  if (pairs.some((pair) => pair === null)) return null;
  return Object.fromEntries(pairs.map((pair) => [pair?.[1] ?? "", pair?.[2] ?? ""]));
}

function parsedSchema(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/** What the server is told. An imported one is what its source says; only what its owner decides is told. */
export function writeOf(form: FunctionForm, before: AgentFunction | null): FunctionWrite {
  const decided: FunctionWrite = {
    ...(before !== null && { id: before.id }),
    effect: form.effect,
    repeat: form.repeat,
    confirm: form.confirm,
    callable_by: form.callableBy,
    timeout: form.timeout,
    per_run: form.perRun,
    per_day: form.perDay,
  };
  if (before !== null && before.source_id !== null) return decided;
  const written: FunctionWrite = { ...decided, name: form.name, description: form.description.trim(), function_type: form.type as "api" };
  if (form.type === "internal") {
    // What it does there the house knows.
    delete written.effect;
    return { ...written, tool: form.tool };
  }
  const parameters = (form.schema === null ? schemaOf(form.parameters) : parsedSchema(form.schema)) as NonNullable<FunctionWrite["parameters"]>;
  return {
    ...written,
    endpoint_url: form.url.trim(),
    http_method: form.method,
    headers: headersOf(form.headers) ?? {},
    parameters,
    ...(form.schema === null && { places: placesOf(form, before) }),
    auth_config: {
      kind: form.authKind,
      ...(form.authKind === "header" && { name: form.authName.trim() }),
      ...(form.authKind === "basic" && { username: form.authName.trim() }),
      ...(form.secret !== "" && { secret: form.secret }),
    },
  };
}

function placesOf(form: FunctionForm, before: AgentFunction | null): NonNullable<FunctionWrite["places"]> {
  const chosen = form.parameters.filter(({ name, place }) => name.trim() !== "" && place !== "auto");
  return Object.fromEntries(
    chosen.map(({ name, place }) => {
      const known = before?.places[name];
      const kept = known?.kind === place ? known : { name: place === "body" ? "application/json" : name.trim(), join: "" };
      return [name.trim(), { kind: place as PlaceKind, name: kept.name, join: kept.join }];
    }),
  );
}

/** What the server has said of fields of the function: it names them by their place in the list. */
export function refusedFields(error: unknown): Readonly<Record<string, string>> {
  if (!(error instanceof ApiError)) return {};
  const named = Object.entries(error.details).map(([field, sentences]) => [field.replace(/^functions\.\d+\./, ""), sentences.join(" ")] as const);
  return Object.fromEntries(named);
}
