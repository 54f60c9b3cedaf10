/** The project as another commit has it, in a folder of its own: neither the work tree nor git's index is touched. */
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { FloeError, MissingError, UsageError } from "../errors.ts";
import { type RunResult, run } from "../exec/run.ts";
import { isExistingFlake } from "../nix/existing-flake.ts";

export interface BaseCommit {
  readonly ref: string;
  /** The common ancestor of `ref` and what is checked out, in full; absent: nothing was there before. */
  readonly commit?: string;
  /** Why there is none. */
  readonly problem?: string;
}

export interface BaseOptions {
  /** The project's folder. */
  readonly root: string;
  readonly signal: AbortSignal;
}

/**
 * The commit to compare with. What a forge names when there was nothing before (a null hash), or what it names and this clone does not have (a
 * whole hash, after a forced push), means that everything is new. @throws UsageError for a name that git does not know
 */
export async function findBase(ref: string, options: BaseOptions): Promise<BaseCommit> {
  if (ref === "" || /^0{40,64}$/.test(ref)) return { ref, problem: "there was nothing before" };
  const commit = await git(options, "rev-parse", "--verify", "--quiet", "--end-of-options", `${ref}^{commit}`);
  if (commit.exitCode !== 0) {
    await requireRepository(options);
    if (/^[0-9a-f]{40,64}$/.test(ref))
      return { ref, problem: `this clone does not have the commit ${ref.slice(0, 7)}` };
    throw new UsageError(`git knows no commit "${ref}" in "${options.root}"`, {
      hint: "Name a branch, a tag or a commit, such as main or origin/main; git fetch brings those of the remote",
    });
  }
  const hash = commit.stdout.trim();
  const common = await git(options, "merge-base", hash, "HEAD");
  // A shallow clone may not have the ancestor: then the commit itself is the best there is.
  return { ref, commit: common.exitCode === 0 ? common.stdout.trim() : hash };
}

/**
 * Calls `use` with a folder that holds the project as the commit has it, and removes the folder. Undefined: the commit has no such folder. Around a
 * flake that floe did not write is the whole repository with its submodules, for such a flake may read them.
 */
export async function withTreeOf<T>(
  commit: string,
  options: BaseOptions,
  use: (folder: string) => Promise<T>,
): Promise<T | undefined> {
  const prefix = (await read(options, "rev-parse", "--show-prefix")).trim().replace(/\/$/, "");
  const tree = await git(options, "rev-parse", "--verify", "--quiet", `${commit}:${prefix}`);
  if (tree.exitCode !== 0) return undefined;
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "floe-base-")));
  try {
    const inside = join(folder, "repository");
    const project = join(inside, prefix);
    await checkOut(options, commit, inside);
    if (!existsSync(project)) return undefined;
    if (isExistingFlake(project)) await completeRepository(options, commit, inside);
    const modules = nearestModules(options.root);
    if (modules !== undefined && !existsSync(join(project, "node_modules")))
      symlinkSync(modules, join(project, "node_modules"));
    return await use(project);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

// --- internal ---

/** Writes what the commit has below the options' folder to its place in `to`; answers the submodules that it has there. */
async function checkOut(options: BaseOptions, commit: string, to: string): Promise<Submodule[]> {
  const index = { ...options, index: `${to}.index` };
  await read(index, "read-tree", commit);
  await read(index, "checkout-index", "--all", "--force", `--prefix=${to}/`);
  const entries = (await read(index, "ls-files", "--stage", "-z")).split("\0");
  return entries.flatMap((entry) => {
    const [, sha, path] = /^160000 (\w+) 0\t(.*)$/s.exec(entry) ?? [];
    return sha === undefined || path === undefined ? [] : [{ path, commit: sha }];
  });
}

interface Submodule {
  readonly path: string;
  readonly commit: string;
}

/** All of the repository, as far as it is here: a submodule that was never fetched stays empty. */
async function completeRepository(options: BaseOptions, commit: string, to: string): Promise<void> {
  const top = (await read(options, "rev-parse", "--show-toplevel")).trim();
  await checkOutAll({ ...options, root: top }, commit, to);
  // Says where the source begins.
  mkdirSync(join(to, ".git"), { recursive: true });
}

async function checkOutAll(options: BaseOptions, commit: string, to: string): Promise<void> {
  for (const inner of await checkOut(options, commit, to)) {
    const place = { ...options, root: join(options.root, inner.path) };
    const isHere = existsSync(join(place.root, ".git"));
    if (isHere && (await git(place, "cat-file", "-e", `${inner.commit}^{commit}`)).exitCode === 0)
      await checkOutAll(place, inner.commit, join(to, inner.path));
  }
}

/** What the project's TypeScript imports is installed once, for the work tree. */
function nearestModules(folder: string): string | undefined {
  const here = join(folder, "node_modules");
  if (existsSync(here)) return here;
  return dirname(folder) === folder ? undefined : nearestModules(dirname(folder));
}

async function requireRepository(options: BaseOptions): Promise<void> {
  if ((await git(options, "rev-parse", "--git-dir")).exitCode === 0) return;
  throw new FloeError(`"${options.root}" is in no git repository`, { hint: "Make one with: git init" });
}

/** A git hook sets the first ones to its own repository and index. */
async function git(
  { root, signal, index }: BaseOptions & { readonly index?: string },
  ...words: string[]
): Promise<RunResult> {
  const env = { GIT_DIR: undefined, GIT_WORK_TREE: undefined, GIT_PREFIX: undefined, GIT_INDEX_FILE: index };
  try {
    return await run(["git", "-C", root, ...words], { env, signal, plainLocale: true });
  } catch (error) {
    if (!(error instanceof MissingError)) throw error;
    throw new MissingError("git is needed to compare with another commit, and is not on the PATH", { cause: error });
  }
}

/** @throws FloeError with git's words */
async function read(options: Parameters<typeof git>[0], ...words: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await git(options, ...words);
  if (exitCode === 0) return stdout;
  throw new FloeError(`git ${words[0]} failed in "${options.root}": ${stderr.trim()}`);
}
