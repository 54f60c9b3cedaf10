/** Waits; an abort ends the wait early, without an error. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal?.addEventListener("abort", end, { once: true });
  });
}

/** A signal that follows another one, and can be aborted by itself. */
export interface Linked {
  readonly signal: AbortSignal;
  abort(reason?: unknown): void;
}

/**
 * By hand, because Node 20 may collect the signals that `AbortSignal.any` and `AbortSignal.timeout` make while somebody listens to them: then
 * they never abort.
 */
export function linkedTo(parent: AbortSignal): Linked {
  const controller = new AbortController();
  const follow = (): void => abort(parent.reason);
  const abort = (reason?: unknown): void => {
    parent.removeEventListener("abort", follow);
    controller.abort(reason);
  };
  if (parent.aborted) abort(parent.reason);
  else parent.addEventListener("abort", follow, { once: true });
  return { signal: controller.signal, abort };
}

/** Work whose signal follows `parent`, and aborts by itself after so long, with an error that says so. @throws what `work` throws */
export async function within<T>(
  ms: number,
  parent: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = linkedTo(parent);
  const timer = setTimeout(() => limit.abort(new Error(`no answer within ${ms / 1000} s`)), ms);
  try {
    return await work(limit.signal);
  } finally {
    clearTimeout(timer);
    limit.abort();
  }
}
