/** What each address of the server takes and answers: derived from its OpenAPI schema (`make types`), never said twice. */
import { wellFormed } from "@/lib/text";

import type { paths } from "./schema.gen";

export type Method = "get" | "post" | "put" | "patch" | "delete";

/** The addresses that know a method, as the schema writes them: `/api/chats/{chat_id}`. */
export type PathOf<M extends Method> = {
  [P in keyof paths]: paths[P] extends Record<M, object> ? P : never;
}[keyof paths];

/** The JSON an address answers when it did what it was asked; `undefined` where it says nothing. */
export type Answer<M extends Method, P extends PathOf<M>> = JsonOf<Operation<M, P>["responses"]>;

/** What stands behind the question mark of an address. */
export type Query<M extends Method, P extends PathOf<M>> = NonNullable<Operation<M, P>["parameters"]["query"]>;

/** What every call may say beside what its address takes. `headers` win over those that follow from the body. */
export interface CallOptions {
  signal?: AbortSignal | undefined;
  headers?: Record<string, string>;
  /** It is sent even though the page goes away meanwhile. */
  keepalive?: boolean;
}

/** The parameters in the path, the query and the body of a call, each required or optional as the schema has it. */
export type Call<M extends Method, P extends PathOf<M>> = Part<"path", Operation<M, P>["parameters"]["path"]> &
  Part<"query", Loose<Operation<M, P>["parameters"]["query"]>> &
  Part<"body", BodyOf<Operation<M, P>["requestBody"]>> &
  CallOptions;

/** The last arguments of a caller: `call` can be left out where nothing is required. */
export type CallArguments<M extends Method, P extends PathOf<M>> =
  CallOptions extends Call<M, P> ? [call?: Call<M, P>] : [call: Call<M, P>];

/** A call whose address is no longer known: what `address` and the sending of it need. */
export interface AnyCall extends CallOptions {
  path?: Record<string, string | number>;
  query?: Record<string, string | number | boolean | undefined>;
  body?: unknown;
}

interface AnyOperation {
  parameters: { path?: unknown; query?: unknown };
  requestBody?: unknown;
  responses: object;
}

type Operation<M extends Method, P extends PathOf<M>> =
  paths[P] extends Record<M, infer O extends AnyOperation> ? O : never;

type Part<Name extends string, T> = [T] extends [undefined]
  ? unknown
  : undefined extends T
    ? Partial<Record<Name, T>>
    : Record<Name, T>;

/** A value that is not given may be said as `undefined`, too. */
type Loose<T> = { [Name in keyof T]: T[Name] | undefined };

type BodyOf<T> = T extends { content: infer C }
  ? C extends { "application/json": infer J }
    ? J
    : C extends { "multipart/form-data": unknown }
      ? FormData
      : Blob
  : undefined;

type JsonOf<R> = { [S in keyof R]: S extends 200 | 201 | 202 | 204 ? ContentOf<R[S]> : never }[keyof R];

/** `never` where the answer is no JSON: such an address is opened with `api.fetch`. */
type ContentOf<A> = A extends { content: infer C } ? (C extends { "application/json": infer J } ? J : never) : undefined;

/** Where a call goes: the path with its parameters in place, encoded; what is missing or empty in the query is left out. */
export function address(template: string, { path = {}, query = {} }: AnyCall): string {
  const filled = template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(wellFormed(String(path[name] ?? ""))));
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== "");
  if (given.length === 0) return filled;
  return `${filled}?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}`;
}
