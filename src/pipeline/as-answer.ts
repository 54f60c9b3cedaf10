/** Failures that are answers. */
import { CancelledError, FloeError } from "../errors.ts";

/** For what fails without holding up the rest. @throws what is no failure of floe's, and CancelledError */
export function asAnswer(error: unknown): FloeError {
  if (error instanceof FloeError && !(error instanceof CancelledError)) return error;
  throw error;
}
