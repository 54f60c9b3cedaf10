/** Something that the server tells when it is asked: read when it is shown, and again when it is told to. */
import { useCallback, useEffect, useState } from "preact/hooks";
import { asRefused, get, type RefusedError } from "./api.ts";
import { onReset } from "./store.ts";

export interface Resource<T> {
  /** What was read last, also while it is read again, and from the last visit. */
  readonly data: T | undefined;
  readonly error: RefusedError | undefined;
  readonly isLoading: boolean;
  readonly reload: () => void;
}

/** `path` null: nothing to read yet. Reads again when one of `deps` changes. */
export function useResource<T>(path: string | null, deps: readonly unknown[] = []): Resource<T> {
  const [turn, setTurn] = useState(0);
  const [state, setState] = useState<State<T>>({ path: null, isLoading: path !== null });
  const reload = useCallback(() => setTurn((before) => before + 1), []);
  useEffect(() => onReset(reload), [reload]);
  useEffect(() => {
    if (path === null) return;
    const leaving = new AbortController();
    setState((before) => ({ ...(before.path === path ? before : recall<T>(path)), isLoading: true }));
    get<T>(path, leaving.signal).then(
      (data) => {
        remember(path, data);
        setState({ path, data, isLoading: false });
      },
      (error) => {
        if (!leaving.signal.aborted) setState({ path, error: asRefused(error), isLoading: false });
      },
    );
    return () => leaving.abort();
  }, [path, turn, ...deps]);
  const shown = state.path === path ? state : { ...recall<T>(path ?? ""), isLoading: path !== null };
  return { data: shown.data, error: shown.error, isLoading: shown.isLoading, reload };
}

// --- internal ---

interface State<T> {
  readonly path: string | null;
  readonly data?: T;
  readonly error?: RefusedError;
  readonly isLoading: boolean;
}

const kept = new Map<string, unknown>();

function remember(path: string, data: unknown): void {
  kept.delete(path);
  kept.set(path, data);
  const [oldest] = kept.keys();
  if (kept.size > 30 && oldest !== undefined) kept.delete(oldest);
}

function recall<T>(path: string): State<T> {
  const data = kept.get(path) as T | undefined;
  return { path, isLoading: false, ...(data === undefined ? {} : { data }) };
}
