/** The shapes the server answers with, by the names of its OpenAPI schema (`make types`). */
import type { components } from "./schema.gen";

type Schemas = components["schemas"];

/** Every list: the links are paths with a cursor, null at either end. */
export interface Page<T> {
  results: T[];
  next: string | null;
  previous: string | null;
}

export type Config = Schemas["Config"];
export type Provider = Schemas["Provider"];
export type User = Schemas["User"];
export type Me = Schemas["Me"];
export type Grant = Schemas["Grant"];
export type DataExport = Schemas["DataExport"];
export type Session = Schemas["Session"];
export type Plan = Schemas["Plan"];
export type Subscription = Schemas["Subscription"];
export type Payment = Schemas["Payment"];
export type CheckoutState = Schemas["CheckoutState"];
export type Usage = Schemas["Usage"];
export type UploadedFile = Schemas["File"];
