import { useCallback, useEffect, useState } from "preact/hooks";

import { isAbort } from "./api";
import { errorText } from "./errorText";

export interface Resource<T> {
  data: T | null;
  error: unknown;
  /** The error in the reader's words. */
  trouble: string | null;
  loading: boolean;
  /** Ask again; what is there stays until the answer comes. */
  reload: () => void;
  /** Put a value in place that is already known, such as the answer to a change. */
  set: (data: T) => void;
}

/**
 * Load something for as long as the component is there. `load` must be stable (a module function or `useCallback`): a new
 * one means another thing to load, and the request before it is aborted.
 */
export function useResource<T>(load: (signal: AbortSignal) => Promise<T>): Resource<T> {
  const [state, setState] = useState<{ data: T | null; error: unknown; loading: boolean }>(INITIAL);
  const [attempt, setAttempt] = useState(0);

  useEffect(() => {
    const abort = new AbortController();
    setState((before) => ({ ...before, error: null, loading: true }));
    load(abort.signal).then(
      (data) => setState({ data, error: null, loading: false }),
      (error: unknown) => {
        if (!isAbort(error)) setState((before) => ({ ...before, error, loading: false }));
      },
    );
    return () => abort.abort();
  }, [load, attempt]);

  const reload = useCallback(() => setAttempt((count) => count + 1), []);
  const set = useCallback((data: T) => setState({ data, error: null, loading: false }), []);
  const trouble = state.error === null ? null : errorText(state.error);
  return { ...state, trouble, reload, set };
}

const INITIAL = { data: null, error: null, loading: true };
