/** Asking a machine again. */
import { CancelledError, ConnectionError } from "../errors.ts";
import { pause } from "../util/pause.ts";

const longestPauseMs = 2_000;

/**
 * For what may be asked twice: a connection that ends in the middle leaves open whether it was heard. It is asked again for so long.
 * @throws ConnectionError when the machine is not reached by then; CancelledError; what `action` throws
 */
export async function despiteDrop<T>(
  signal: AbortSignal | undefined,
  patienceMs: number,
  action: () => Promise<T>,
): Promise<T> {
  const begin = performance.now();
  for (let failures = 1; ; failures++) {
    try {
      return await action();
    } catch (error) {
      if (signal?.aborted) throw new CancelledError("Cancelled");
      if (performance.now() - begin > patienceMs || !(error instanceof ConnectionError)) throw error;
      await pause(Math.min(500 * failures, longestPauseMs), signal);
    }
  }
}
