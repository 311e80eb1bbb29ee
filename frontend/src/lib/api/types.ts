/** The shapes of the API that more than one place needs, by the names of its OpenAPI schema (`make types`). */
import type { components } from "./schema.gen";

/** All of them. A feature gives those it uses a name in its own `shapes.ts`. */
export type Schemas = components["schemas"];

/** Every list: the links are paths with a cursor, null at either end. */
export interface Page<T> {
  results: T[];
  next: string | null;
  previous: string | null;
}

export type Config = Schemas["Config"];
export type User = Schemas["User"];
export type Grant = Schemas["Grant"];
export type UploadedFile = Schemas["File"];
