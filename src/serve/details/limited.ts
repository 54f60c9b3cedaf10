import { FloeError } from "../../errors.ts";
import { RefusedError } from "../refused.ts";

/**
 * Work that ends after `ms`, whatever it waits for.
 * @throws RefusedError 504 with `message` when it was not over by then
 */
export async function limited<T>(
  ms: number,
  message: string,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = AbortSignal.timeout(ms);
  try {
    return await work(AbortSignal.any([signal, limit]));
  } catch (error) {
    if (!limit.aborted || signal.aborted) throw error;
    throw new RefusedError(504, "TIMEOUT", `${message} within ${ms / 1000} s`, {
      hint: error instanceof FloeError ? error.hint : undefined,
      cause: error,
    });
  }
}
