/** The citations and sources of one document, whole: lists of one document end. */
import { useCallback } from "preact/hooks";

import { api } from "@/lib/api";
import { useResource } from "@/lib/resource";
import type { Resource } from "@/lib/resource";

import type { Citation, Page, Source } from "../shapes";
import { listCitations, listSources } from "./api";

/** So that a mistake of a server is no endless loop. */
const MOST_PAGES = 100;

export async function allOf<T>(first: Promise<Page<T>>, signal: AbortSignal): Promise<T[]> {
  const all: T[] = [];
  let page: Page<T> | null = await first;
  for (let count = 0; page !== null && count < MOST_PAGES; count += 1) {
    all.push(...page.results);
    page = await api.nextPage(page, signal);
  }
  return all;
}

export interface References {
  citations: Resource<Citation[]>;
  sources: Resource<Source[]>;
  reload: () => void;
}

export function useReferences(id: string): References {
  const loadCitations = useCallback((signal: AbortSignal) => allOf(listCitations(id, signal), signal), [id]);
  const loadSources = useCallback((signal: AbortSignal) => allOf(listSources(id, signal), signal), [id]);
  const citations = useResource(loadCitations);
  const sources = useResource(loadSources);
  const { reload: reloadCitations } = citations;
  const { reload: reloadSources } = sources;
  const reload = useCallback(() => {
    reloadCitations();
    reloadSources();
  }, [reloadCitations, reloadSources]);
  return { citations, sources, reload };
}

export function citationAt(citations: readonly Citation[] | null, section: number, number: number): Citation | null {
  return citations?.find((one) => one.section === section && one.number === number) ?? null;
}

export function sourceOf(sources: readonly Source[] | null, key: string): Source | null {
  return sources?.find((one) => one.key === key) ?? null;
}
