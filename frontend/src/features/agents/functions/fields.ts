import type { Signal } from "@preact/signals";

import type { AgentFunction } from "../shapes";
import type { FunctionForm } from "./form";

/** What the parts of the editor of a function share. */
export interface FieldsProps {
  form: Signal<FunctionForm>;
  /** Null: a new one. */
  row: AgentFunction | null;
  errors: Readonly<Record<string, string | undefined>>;
}
