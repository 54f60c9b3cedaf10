/** The commit of an update: flake.lock and what floe generates, and nothing else that is staged or changed. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { FloeError, UsageError } from "../errors.ts";
import { type Git, gitIn } from "./git.ts";

/** What the commit was. */
export interface UpdateCommit {
  readonly commit: string;
  /** Relative to the project. */
  readonly files: readonly string[];
  /** On no branch. */
  readonly isDetached: boolean;
}

/**
 * Whether a commit can be made, asked before any work is done.
 * @throws UsageError without a repository, in the middle of a merge or a rebase, and where flake.lock is git-ignored
 */
export async function requireCommittable(root: string, signal: AbortSignal): Promise<void> {
  const git = gitIn(root, signal);
  const place = await git(["rev-parse", "--absolute-git-dir", "--is-inside-work-tree"]);
  const [gitDir = "", isInside] = place.stdout.trim().split("\n");
  if (place.exitCode !== 0 || isInside !== "true")
    throw new UsageError(`--commit needs a git repository, and "${root}" is in none`, {
      hint: /dubious ownership/.test(place.stderr) ? place.stderr.trim() : "git init, or leave --commit out",
    });
  const unfinished = states.find(([file]) => existsSync(join(gitDir, file)));
  if (unfinished !== undefined)
    throw new UsageError(`--commit is not for the middle of a ${unfinished[1]}`, {
      hint: `Finish it first (git ${unfinished[1]} --continue or --abort), or leave --commit out`,
    });
  if ((await git(["check-ignore", "--quiet", "flake.lock"])).exitCode === 0)
    throw new UsageError("--commit cannot commit flake.lock: git ignores it", {
      hint: "Take it out of .gitignore: without it two people build two different things",
    });
}

/**
 * Commits those of the files that differ from the last commit. Hooks run, as for any commit.
 * @throws FloeError with git's own words when it refuses: then nothing is staged that was not before
 */
export async function commitUpdate(
  root: string,
  {
    files,
    message,
    signal,
  }: { readonly files: readonly string[]; readonly message: string; readonly signal: AbortSignal },
): Promise<UpdateCommit | undefined> {
  const git = gitIn(root, signal);
  const changed = await changedOf(git, files);
  if (changed.all.length === 0) return undefined;
  // Only names that git knows can be committed alone; this makes them known, without their content.
  if (changed.untracked.length > 0) await git(["add", "--intent-to-add", "--", ...changed.untracked]);
  let isCommitted = false;
  try {
    const result = await git(["commit", "--quiet", "--only", "--file=-", "--", ...changed.all], message);
    isCommitted = result.exitCode === 0;
    if (!isCommitted) throw refused(`${result.stderr}\n${result.stdout}`, changed.all);
  } finally {
    if (!isCommitted && changed.untracked.length > 0)
      await gitIn(root, undefined)(["rm", "--cached", "--quiet", "--", ...changed.untracked]);
  }
  const [commit, branch] = [await git(["rev-parse", "HEAD"]), await git(["symbolic-ref", "--quiet", "HEAD"])];
  return { commit: commit.stdout.trim(), files: changed.all, isDetached: branch.exitCode !== 0 };
}

// --- internal ---

/** Files of the git folder that say that something is not finished, and the command that it is of. */
const states = [
  ["MERGE_HEAD", "merge"],
  ["CHERRY_PICK_HEAD", "cherry-pick"],
  ["REVERT_HEAD", "revert"],
  ["rebase-merge", "rebase"],
  ["rebase-apply", "rebase"],
] as const;

/** Those that a commit would hold; both relative to the project. */
async function changedOf(
  git: Git,
  files: readonly string[],
): Promise<{ readonly all: readonly string[]; readonly untracked: readonly string[] }> {
  const status = await git(["status", "--porcelain=v1", "-z", "--untracked-files=all", "--no-renames", "--", ...files]);
  const prefix = (await git(["rev-parse", "--show-prefix"])).stdout.trim();
  const entries = status.stdout.split("\0").flatMap((line) => {
    const [code, path] = [line.slice(0, 2), line.slice(3)];
    return path === "" ? [] : [{ code, path: path.slice(prefix.length) }];
  });
  return {
    all: entries.map(({ path }) => path).sort(),
    untracked: entries.flatMap(({ code, path }) => (code === "??" ? [path] : [])),
  };
}

function refused(said: string, files: readonly string[]): FloeError {
  return new FloeError("git refused the commit; the new flake.lock is kept, and not committed", {
    hint: `When that is mended: git commit --only ${files.join(" ")}`,
    details: { log: said.trim() },
  });
}
