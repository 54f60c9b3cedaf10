/** load: the project, and its fleet from its TypeScript or from memory. */
import type { Project } from "../config/project-above.ts";
import { openTrace, recallFleet } from "../config/recall.ts";
import { CancelledError } from "../errors.ts";
import type { Fleet } from "../model/fleet.ts";
import { inPhase } from "../report/in-phase.ts";
import type { Work } from "./work.ts";

export { findProject } from "../config/find.ts";
export { type Project, projectAbove } from "../config/project-above.ts";

/** The fleet as it was when it was last prepared, if floe is still the same and the project may be too; for what may be a little old. */
export function rememberedFleet(project: Project): Fleet | undefined {
  return recallFleet(project)?.fleet;
}

/** The fleet of the project in this folder. @throws ConfigError with all its problems */
export async function loadFleet(root: string): Promise<Fleet> {
  return (await import("../config/load.ts")).loadFleet(root);
}

/** load: the fleet that the project's TypeScript describes. @throws ConfigError with all its problems */
export async function load(project: Project, work: Work, trace = openTrace()): Promise<Fleet> {
  return inPhase("load", work, async () => {
    const { loadFleet } = await import("../config/load.ts");
    return orStopped(loadFleet(project.root, { trace }), work.signal);
  });
}

// --- internal ---

/** The user's files may wait for anything, and nothing can stop them but the end of the process. */
async function orStopped<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  let stop = () => {};
  const stopped = new Promise<never>((_, reject) => {
    stop = () => reject(new CancelledError("Stopped while the project was read"));
  });
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  try {
    return await Promise.race([promise, stopped]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
