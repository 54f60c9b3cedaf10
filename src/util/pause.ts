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
  abort(): void;
}

/** By hand, because Node 20 may collect the signals that `AbortSignal.any` makes while somebody listens to them. */
export function linkedTo(parent: AbortSignal): Linked {
  const controller = new AbortController();
  const abort = (): void => {
    parent.removeEventListener("abort", abort);
    controller.abort();
  };
  if (parent.aborted) controller.abort();
  else parent.addEventListener("abort", abort, { once: true });
  return { signal: controller.signal, abort };
}
