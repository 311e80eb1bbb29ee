import { query } from "@/lib/router";

/** The other form, with the place one was going to kept. */
export function otherFormPath(path: string): string {
  const next = query.value.get("next");
  return next === null ? path : `${path}?next=${encodeURIComponent(next)}`;
}
