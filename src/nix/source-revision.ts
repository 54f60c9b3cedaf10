/** What git says of a flake's source: the attributes that nix gives the `self` of a flake in a repository. */
import { run } from "../exec/run.ts";
import type { TakenOver } from "../model/taken-over.ts";
import { repositoryOf } from "./existing-flake.ts";
import { NO_GIT_ENV } from "./stage-list.ts";

/** Undefined attributes are those that `self` does not have. */
export interface SourceRevision {
  /** The commit; also of a tree with changes. */
  readonly commit: string;
  /** When it was made: seconds since the epoch. */
  readonly lastModified: number;
  /** The work tree is another than the commit. */
  readonly isDirty: boolean;
}

/** Undefined outside of git, before the first commit, and where there is no git. Never throws. */
export async function sourceRevision(root: string, signal?: AbortSignal): Promise<SourceRevision | undefined> {
  const top = repositoryOf(root);
  if (top === undefined) return undefined;
  const [log, status] = await Promise.all([
    git(top, ["log", "-1", "--format=%H %ct"], signal),
    // What has become of submodules is no change to nix.
    git(top, ["status", "--porcelain", "-z", "--untracked-files=all", "--ignore-submodules=all"], signal),
  ]);
  const [commit, time] = log?.trim().split(" ") ?? [];
  if (commit === undefined || time === undefined || status === undefined) return undefined;
  return { commit, lastModified: Number(time), isDirty: status.split("\0").some(isChange) };
}

/** What an evaluation of an existing flake depends on beside the snapshot; undefined for a flake that floe writes. */
export async function takenOverKey(taken: TakenOver | undefined, signal?: AbortSignal): Promise<unknown> {
  return taken && [FORMAT, taken, (await sourceRevision(taken.root, signal)) ?? null];
}

/** How many commits lead to it. */
export async function countCommits(root: string, commit: string, signal?: AbortSignal): Promise<number | undefined> {
  const counted = await git(root, ["rev-list", "--count", commit], signal);
  return counted === undefined ? undefined : Number(counted);
}

// --- internal ---

/** Raised when the same flake gives something else. */
const FORMAT = 1;

/** Files that no flake reads: floe's own TypeScript and what npm has beside it. A new one does not make the source another one. */
const READ_BY_FLOE = /\.[cm]?ts$|(?:^|\/)(?:package(?:-lock)?|tsconfig)\.json$|(?:^|\/)\.(?:envrc|gitignore)$/;

/** nix itself does not see an untracked file; floe evaluates it, and then it is no longer what was committed. */
function isChange(line: string): boolean {
  if (line === "") return false;
  const path = line.slice(3);
  return (
    !line.startsWith("?? ") || (!READ_BY_FLOE.test(path) && !/(?:^|\/)(?:\.floe|node_modules|\.direnv)\//.test(path))
  );
}

async function git(
  folder: string,
  words: readonly string[],
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const argv = ["git", "-c", "safe.directory=*", "-c", "core.fsmonitor=false", ...words] as const;
  const result = await run([...argv], { cwd: folder, env: NO_GIT_ENV, signal }).catch(() => undefined);
  return result?.exitCode === 0 ? result.stdout : undefined;
}
