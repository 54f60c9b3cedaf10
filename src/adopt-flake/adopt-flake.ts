/** Taking over a flake, as its verb asks for it: look, propose, write. */
import { existsSync, realpathSync, rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { ConfigError } from "../errors.ts";
import { linkFloe } from "../init/link-floe.ts";
import type { Emit } from "../report/events.ts";
import { type AlsoHere, alsoHere } from "./also-here.ts";
import { classify } from "./classify.ts";
import { withFloeNames } from "./floe-names.ts";
import type { Found } from "./found.ts";
import { type PlannedFiles, planFiles, writePlanned } from "./project-files.ts";
import type { MissingInput, Unread } from "./raw.ts";
import { readOutputs } from "./read-outputs.ts";

export { additionsTo, countEntries } from "./additions.ts";
export type { Entries } from "./config-text.ts";

/** What a flake has, and what floe would write beside it. */
export interface FlakeAdoption extends PlannedFiles {
  /** The folder of flake.nix, absolute. */
  readonly root: string;
  readonly found: Found;
  readonly unread: readonly Unread[];
  readonly missing: readonly MissingInput[];
  readonly isLockBehind: boolean;
  readonly alsoHere: readonly AlsoHere[];
  /** Instances that this machine's Incus has under a container's name. */
  readonly running: readonly string[];
}

export interface AdoptWork {
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

/** The folder of the flake that `start` lies in: the nearest one upwards, as nix looks for it. @throws ConfigError */
export function findFlake(start: string): string {
  for (let folder = resolve(start); ; folder = dirname(folder)) {
    if (existsSync(join(folder, "flake.nix"))) return realpathSync(folder);
    if (dirname(folder) === folder) break;
  }
  throw new ConfigError(`There is no flake.nix in "${resolve(start)}" or a folder above it`, {
    hint: "Go to the folder of your flake, or name it with `-C DIR`. To begin without one: floe init",
  });
}

/** Reads the flake's outputs and says what would be written. @throws NixError when nothing can be read, CancelledError, MissingError */
export async function proposeFlakeAdoption(root: string, { emit, signal }: AdoptWork): Promise<FlakeAdoption> {
  const cacheDir = join(root, ".floe", "cache");
  emit({ type: "phase.start", phase: "evaluate" });
  let ok = false;
  try {
    const { outputs, system, ...rest } = await readOutputs({ root, cacheDir, emit, signal });
    ok = true;
    const found = withFloeNames(classify(outputs, system));
    const { runningAs } = await import("./running.ts");
    const running = await runningAs(
      found.containers.map(({ name }) => name),
      signal,
    );
    return { root, found, ...rest, ...planFiles(root, found, running), alsoHere: alsoHere(root), running };
  } finally {
    emit({ type: "phase.end", phase: "evaluate", ok });
  }
}

/** Writes the files; true when `node_modules/floe` became a link to this floe. @throws StateError */
export function writeFlakeAdoption({ root, files }: Pick<FlakeAdoption, "root" | "files">): boolean {
  writePlanned(root, files);
  return linkFloe(root);
}

/** Does something for which floe needs its folder; where nothing comes of it, the folder is taken away again if floe made it. */
export async function leavingNoTrace<T>(
  root: string,
  work: () => Promise<T>,
  isKept: (result: T) => boolean,
): Promise<T> {
  const folder = join(root, ".floe");
  const wasThere = existsSync(folder);
  let kept = false;
  try {
    const result = await work();
    kept = isKept(result);
    return result;
  } finally {
    if (!wasThere && !kept) rmSync(folder, { recursive: true, force: true });
  }
}
