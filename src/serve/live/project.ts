/** The project, loaded again when a file of it is saved. One that does not load keeps the fleet of before, and says what is wrong. */
import { watchProject } from "../../check/watch.ts";
import { FloeError } from "../../errors.ts";
import type { Fleet } from "../../model/fleet.ts";
import type { Problem } from "../../model/plan.ts";
import { load, type Project } from "../../pipeline.ts";
import { defined } from "../../util/defined.ts";

export interface FollowedProject {
  /** As it was last loaded without an error; undefined when it never was. */
  fleet(): Fleet | undefined;
  /** Why it cannot be loaded as it is now; empty: it can. */
  problems(): readonly Problem[];
  /** Resolves when it was loaded, or tried, for the first time. */
  readonly loaded: Promise<void>;
}

/** `onChange`: after each time that it was loaded, or failed to be. `onLog`: what a person should know who looks at the server's terminal. */
export function followProject(
  project: Project,
  { onChange, onLog, signal }: { onChange: () => void; onLog: (text: string) => void; readonly signal: AbortSignal },
): FollowedProject {
  let fleet: Fleet | undefined;
  let problems: readonly Problem[] = [];
  const read = async (): Promise<void> => {
    try {
      fleet = await load(project, { emit: () => {}, signal });
      problems = [];
    } catch (error) {
      if (signal.aborted) return;
      problems = problemsIn(error);
    }
    onChange();
  };
  const loaded = read();
  keepReading(project, read, loaded, signal).catch((error: unknown) => {
    if (!signal.aborted)
      onLog(`The project is not watched any more: ${(error as Error).message}. Restart floe serve after changes of it`);
  });
  return { fleet: () => fleet, problems: () => problems, loaded };
}

// --- internal ---

async function keepReading(
  project: Project,
  read: () => Promise<void>,
  loaded: Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const watching = watchProject(project.root, (file) => file === "flake.nix" || file.startsWith("nix/"), signal);
  try {
    await loaded;
    while ((await watching.next()) !== undefined) await read();
  } finally {
    watching.close();
  }
}

/** A ConfigError tells all its problems. */
function problemsIn(error: unknown): Problem[] {
  const { message, stack } = error as Error;
  if (!(error instanceof FloeError)) return [{ subject: "project", message: stack ?? message }];
  const listed = error.details["problems"];
  if (Array.isArray(listed) && listed.length > 0)
    return listed.map((each: Partial<Problem>) => ({ ...each, subject: "project", message: each.message ?? message }));
  const { hint, at } = error;
  return [{ subject: "project", message, ...defined({ hint, file: at?.file, line: at?.line, column: at?.column }) }];
}
