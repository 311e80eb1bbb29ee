import { useCallback, useEffect, useState } from "preact/hooks";

import { isAbort } from "@/lib/api";
import type { Page } from "@/lib/api";

import { followPage } from "../model/api";

export interface Paged<T> {
  /** Null until the first page is there. */
  items: readonly T[] | null;
  error: unknown;
  loading: boolean;
  hasMore: boolean;
  more: () => void;
  /** From the beginning, what is there stays until the answer comes. */
  reload: () => void;
  /** Put a change in place that the server has confirmed. */
  change: (change: (items: readonly T[]) => readonly T[]) => void;
}

interface State<T> {
  items: readonly T[] | null;
  next: string | null;
  error: unknown;
  loading: boolean;
}

/** A list that comes in pages. `load` must be stable; a new one is another list, and what was there goes at once. */
export function usePaged<T>(load: (signal: AbortSignal) => Promise<Page<T>>): Paged<T> {
  const [state, setState] = useState<State<T>>(EMPTY);
  /** What to ask for: a page's address, or null for the first. Never asked twice for the same object. */
  const [wanted, setWanted] = useState<{ load: typeof load; url: string | null }>({ load, url: null });
  const { url } = wanted.load === load ? wanted : { url: null };

  useEffect(() => setState(EMPTY), [load]);

  useEffect(() => {
    const abort = new AbortController();
    setState((before) => ({ ...before, error: null, loading: true }));
    const request = url === null ? load(abort.signal) : followPage<T>(url, abort.signal);
    request.then(
      (page) =>
        setState((before) => ({
          items: url === null ? page.results : [...(before.items ?? []), ...page.results],
          next: page.next,
          error: null,
          loading: false,
        })),
      (error: unknown) => {
        if (!isAbort(error)) setState((before) => ({ ...before, error, loading: false }));
      },
    );
    return () => abort.abort();
  }, [load, url, wanted]);

  const more = useCallback(() => {
    if (!state.loading && state.next !== null) setWanted({ load, url: state.next });
  }, [load, state.loading, state.next]);
  const reload = useCallback(() => setWanted({ load, url: null }), [load]);
  const change = useCallback(
    (apply: (items: readonly T[]) => readonly T[]) =>
      setState((before) => ({ ...before, items: before.items === null ? null : apply(before.items) })),
    [],
  );
  return { items: state.items, error: state.error, loading: state.loading, hasMore: state.next !== null, more, reload, change };
}

const EMPTY = { items: null, next: null, error: null, loading: true };
