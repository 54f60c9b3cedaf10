/** What every step of the pipeline is given, and where it keeps what it finds out. */
import { join } from "node:path";
import type { Emit } from "../report/events.ts";

/** Where events go and what ends the work early; every step that takes time has them. */
export interface Work {
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

/** The folder of caches in a project. */
export function cacheDir(root: string): string {
  return join(root, ".floe", "cache");
}
