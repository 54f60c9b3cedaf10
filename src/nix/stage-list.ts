/** Finds out which files of a project belong to what nix evaluates. */
import { type BigIntStats, type Dirent, lstatSync, readdirSync, readlinkSync, realpathSync, statSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { ConfigError, MissingError } from "../errors.ts";
import { run } from "../exec/run.ts";
import { repositoryOf } from "./existing-flake.ts";

/** Something to be staged. `path` is its place in the stage; `source` is where its content lies now. */
export type StageEntry =
  | { readonly kind: "file"; readonly path: string; readonly source: string; readonly stat: BigIntStats }
  | { readonly kind: "link"; readonly path: string; readonly target: string };

const NEVER_STAGED = new Set([".git", "node_modules", ".floe", ".direnv"]);
/** Staged whatever git ignores: without them there is nothing to evaluate. */
const ALWAYS_STAGED = ["flake.nix", "flake.lock"];
const STORE = "/nix/store/";
/** A git hook sets these to its own repository and index. */
export const NO_GIT_ENV = {
  GIT_DIR: undefined,
  GIT_WORK_TREE: undefined,
  GIT_INDEX_FILE: undefined,
  GIT_PREFIX: undefined,
};

/**
 * Everything under `root` that is on disk, untracked files included, but for `.git`, `node_modules`, `.floe`, the `result` links of nix,
 * sockets and the like, and what git ignores where `root` is in a git work tree. Links that leave `root` are followed. Sorted by path.
 */
export async function listStage(root: string, signal?: AbortSignal): Promise<StageEntry[]> {
  const real = realpathSync(root);
  const names = new Set([...(await listNames(real, signal)), ...ALWAYS_STAGED]);
  const entries = await entriesOf({ root: real, prefix: "", within: [real], signal }, names);
  return entries.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

// --- internal ---

/** A folder that is being listed, and where it comes to lie in the stage. */
interface Place {
  readonly root: string;
  readonly prefix: string;
  /** The real folders this one was reached through, itself included: a link back into one of them would have no end. */
  readonly within: readonly string[];
  readonly signal: AbortSignal | undefined;
}

async function entriesOf(place: Place, names: Iterable<string>): Promise<StageEntry[]> {
  const entries: StageEntry[] = [];
  for (const name of names) {
    const path = join(place.root, name);
    const stat = statOf(path);
    if (stat === undefined || name.split("/").some((part) => NEVER_STAGED.has(part))) continue;
    if (stat.isFile()) entries.push({ kind: "file", path: place.prefix + name, source: path, stat });
    // git names a repository inside the repository (a submodule, a clone) as a whole.
    else if (stat.isDirectory())
      entries.push(
        ...(await listInner({ ...place, root: path, prefix: `${place.prefix}${name.replace(/\/$/, "")}/` })),
      );
    else if (stat.isSymbolicLink()) entries.push(...(await entriesOfLink(place, name, path)));
  }
  return entries;
}

async function listInner(place: Place): Promise<StageEntry[]> {
  return entriesOf(place, await listNames(place.root, place.signal));
}

async function entriesOfLink(place: Place, name: string, path: string): Promise<StageEntry[]> {
  const text = readlinkSync(path);
  const staged = place.prefix + name;
  const asLink = (target: string): StageEntry[] => [{ kind: "link", path: staged, target }];
  if (text.startsWith(STORE) && /^result(-|$)/.test(name.split("/").at(-1) as string)) return [];
  const real = realOf(path);
  if (real === undefined) return asLink(text);
  if (isWithin(real, place.root))
    return asLink(text.startsWith("/") ? relative(realpathSync(dirname(path)), real) : text);
  const stat = statSync(real, { bigint: true });
  if (stat.isFile()) return [{ kind: "file", path: staged, source: real, stat }];
  // A folder of the store belongs to something built, not to the project; a folder around this one would never end.
  if (!stat.isDirectory() || real.startsWith(STORE) || place.within.some((folder) => isWithin(folder, real)))
    return asLink(text);
  return listInner({ ...place, root: real, prefix: `${staged}/`, within: [...place.within, real] });
}

/** Names relative to `folder`: git's answer where there is one, else everything. */
async function listNames(folder: string, signal: AbortSignal | undefined): Promise<string[]> {
  return (await askGit(folder, signal)) ?? walk(folder, "");
}

/** `undefined` when `folder` is in no work tree, is ignored itself, or there is no git. */
async function askGit(folder: string, signal: AbortSignal | undefined): Promise<string[] | undefined> {
  if (repositoryOf(folder) === undefined) return undefined;
  // The repository may belong to another user, and its settings must not start programs.
  const argv = [
    "git",
    "-c",
    "safe.directory=*",
    "-c",
    "core.fsmonitor=false",
    "ls-files",
    "-co",
    "--exclude-standard",
    "-z",
  ] as const;
  try {
    const result = await run([...argv], { cwd: folder, signal, env: NO_GIT_ENV });
    // A submodule that was never fetched is an empty folder, of which git names nothing but itself.
    const names = [...new Set(result.stdout.split("\0"))].filter((name) => !["", ".", "./"].includes(name));
    return result.exitCode === 0 && names.length > 0 ? names : undefined;
  } catch (error) {
    if (error instanceof MissingError) return undefined;
    throw error;
  }
}

function walk(folder: string, prefix: string): string[] {
  return readFolder(join(folder, prefix)).flatMap((item) => {
    if (NEVER_STAGED.has(item.name)) return [];
    return item.isDirectory() ? walk(folder, `${prefix}${item.name}/`) : [prefix + item.name];
  });
}

function readFolder(path: string): Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch (cause) {
    throw new ConfigError(`Cannot read the folder "${path}": ${(cause as Error).message}`, {
      hint: "Everything in the project's folder is part of it: make it readable, or git-ignore it",
      cause,
    });
  }
}

function statOf(path: string): BigIntStats | undefined {
  return lstatSync(path, { bigint: true, throwIfNoEntry: false });
}

function realOf(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder === sep ? sep : folder + sep);
}
