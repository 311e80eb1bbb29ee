import type { ApiError } from "@/lib/api";

/** What an error itself names as the way on. */
export type Step =
  | { readonly kind: "model" | "successor"; readonly id: string; readonly name: string }
  /** The same answer, with twice the room for its thinking. */
  | { readonly kind: "room" }
  /** The same answer, with less thinking. */
  | { readonly kind: "lower"; readonly effort: string }
  /** The question anew, with an effort that fits. */
  | { readonly kind: "effort"; readonly effort: string };

/** Nothing for a code that names none: then only trying again is left. */
export function nextSteps({ code, context }: Pick<ApiError, "code" | "context">): readonly Step[] {
  const fits = typeof context.fits === "string" ? context.fits : null;
  switch (code) {
    case "provider_overloaded":
      return others(context.others);
    case "thought_too_long":
      return [{ kind: "room" }, ...(fits === null ? [] : [{ kind: "lower", effort: fits } as const])];
    case "effort_too_dear":
      return fits === null ? [] : [{ kind: "effort", effort: fits }];
    case "model_ended":
    case "model_gone":
      return successor(context);
    default:
      return [];
  }
}

function others(value: unknown): readonly Step[] {
  if (!Array.isArray(value)) return [];
  return value.filter(isNamed).map(({ id, name }) => ({ kind: "model", id, name }));
}

function isNamed(value: unknown): value is { id: string; name: string } {
  const { id, name } = Object(value) as Record<"id" | "name", unknown>;
  return typeof id === "string" && typeof name === "string";
}

function successor({ successor: id, successor_name: name }: ApiError["context"]): readonly Step[] {
  return typeof id === "string" ? [{ kind: "successor", id, name: typeof name === "string" ? name : id }] : [];
}
