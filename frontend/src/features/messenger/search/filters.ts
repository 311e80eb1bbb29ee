import type { SearchFilter } from "../model";

/** What is set in the fields; days as `2026-01-31`, empty: not asked for. */
export interface Filters {
  from: string;
  type: NonNullable<SearchFilter["type"]> | "";
  after: string;
  before: string;
}

export const NO_FILTERS: Filters = { from: "", type: "", after: "", before: "" };

export function countFilters(filters: Filters): number {
  return Object.values(filters).filter((value) => value !== "").length;
}

export function daysFit({ after, before }: Filters): boolean {
  return after === "" || before === "" || after <= before;
}

/** Days are the reader's own: from midnight of the first to the midnight that ends the last. */
export function toQuery(query: string, conversationId: string | null, filters: Filters): SearchFilter {
  return {
    q: query,
    ...(conversationId !== null && { conversation_id: conversationId }),
    ...(filters.from !== "" && { from: filters.from }),
    ...(filters.type !== "" && { type: filters.type }),
    ...(filters.after !== "" && { after: midnight(filters.after, 0) }),
    ...(filters.before !== "" && { before: midnight(filters.before, 1) }),
  };
}

function midnight(day: string, later: number): string {
  const [year = 0, month = 1, date = 1] = day.split("-").map(Number);
  return new Date(year, month - 1, date + later).toISOString();
}
