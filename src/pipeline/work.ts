/** What every step of the pipeline is given, and where it keeps what it finds out. */
import { join } from "node:path";
import type { Emit, Phase } from "../report/events.ts";

/** Where events go and what ends the work early; every step that takes time has them. */
export interface Work {
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

/** The folder of caches in a project. */
export function cacheDir(root: string): string {
  return join(root, ".floe", "cache");
}

/** Work that is shown as a phase while it goes on. */
export async function inPhase<T>(phase: Phase, { emit }: Pick<Work, "emit">, work: () => Promise<T>): Promise<T> {
  emit({ type: "phase.start", phase });
  let ok = false;
  try {
    const result = await work();
    ok = true;
    return result;
  } finally {
    emit({ type: "phase.end", phase, ok });
  }
}
