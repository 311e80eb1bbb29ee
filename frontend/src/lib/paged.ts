import { useCallback, useEffect, useState } from "preact/hooks";

import { api, isAbort } from "./api";
import type { Page } from "./api";
import { errorText } from "./errorText";

export interface Paged<T> {
  /** Null until the first page is there. */
  data: readonly T[] | null;
  error: unknown;
  /** The error in the reader's words. */
  trouble: string | null;
  loading: boolean;
  hasMore: boolean;
  /** Ask for the page after; after a failure, for the same one again. */
  more: () => void;
  /** From the beginning, what is there stays until the answer comes. */
  reload: () => void;
  /** Put a change in place that the server has confirmed. */
  change: (change: (items: readonly T[]) => readonly T[]) => void;
}

interface State<T> {
  data: readonly T[] | null;
  /** The last page that was read: where more is to be had. */
  last: Page<T> | null;
  error: unknown;
  loading: boolean;
}

/** A list that comes in pages. `load` must be stable; a new one is another list, and what was there goes at once. */
export function usePaged<T>(load: (signal: AbortSignal) => Promise<Page<T>>): Paged<T> {
  const [{ last, ...state }, setState] = useState<State<T>>(EMPTY);
  /** What to ask for: the page after one, or after null the first. Never asked twice for the same object. */
  const [wanted, setWanted] = useState<{ load: typeof load; after: Page<T> | null }>({ load, after: null });
  const { after } = wanted.load === load ? wanted : { after: null };

  useEffect(() => setState(EMPTY), [load]);

  useEffect(() => {
    const abort = new AbortController();
    setState((before) => ({ ...before, error: null, loading: true }));
    const request = after === null ? load(abort.signal) : api.nextPage(after, abort.signal);
    request.then(
      (page) =>
        setState((before) => ({
          data: [...((after && before.data) ?? []), ...(page?.results ?? [])],
          last: page,
          error: null,
          loading: false,
        })),
      (error: unknown) => {
        if (!isAbort(error)) setState((before) => ({ ...before, error, loading: false }));
      },
    );
    return () => abort.abort();
  }, [load, after, wanted]);

  const more = useCallback(() => {
    if (!state.loading && last !== null) setWanted({ load, after: last });
  }, [load, state.loading, last]);
  const reload = useCallback(() => setWanted({ load, after: null }), [load]);
  const change = useCallback(
    (apply: (items: readonly T[]) => readonly T[]) =>
      setState((before) => ({ ...before, data: before.data === null ? null : apply(before.data) })),
    [],
  );
  const trouble = state.error === null ? null : errorText(state.error);
  return { ...state, trouble, hasMore: typeof last?.next === "string", more, reload, change };
}

const EMPTY = { data: null, last: null, error: null, loading: true };
