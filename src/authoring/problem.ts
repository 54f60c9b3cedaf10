/** Refusals: what cannot be right throws where it happens, with the user's line. */
import { SynthError } from "../errors.ts";
import { type Origin, originSite, positionOf } from "./origin.ts";
import { registry } from "./registry.ts";

/** A SynthError at a place in the user's files. */
export function problem(message: string, origin: Origin | undefined, hint?: string): SynthError {
  const at = positionOf(origin === undefined ? undefined : originSite(origin), registry().root);
  return new SynthError(message, { hint, at });
}
