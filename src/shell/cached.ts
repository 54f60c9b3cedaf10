/**
 * The environments of dev shells that were made before, in `.floe/shells/NAME/`: `env.bash`, the GC root `profile`, and `stamp`, a file whose time says
 * when the project was last known to give this environment. Loads nothing but Node's file functions: entering an unchanged shell has to be quick.
 */
import { existsSync, lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { evaluatedFolder } from "../nix/existing-flake.ts";

/** What is not part of the project, as far as an environment can depend on it; the snapshot leaves it out too. */
export const outsideProject: readonly string[] = [".git", "node_modules", ".floe"];

export interface CachedShell {
  readonly folder: string;
  readonly env: string;
  /** False: something in the project changed since. */
  readonly isFresh: boolean;
}

/** The folder of a shell; of the default shell without a name. */
export function shellFolder(root: string, name = "default"): string {
  return join(root, ".floe", "shells", encodeURIComponent(name));
}

/** Undefined when it was never made, or was collected. */
export function cachedShell(root: string, name?: string): CachedShell | undefined {
  const folder = shellFolder(root, name);
  const env = join(folder, "env.bash");
  const stamp = lstatSync(join(folder, "stamp"), { bigint: true, throwIfNoEntry: false });
  if (stamp === undefined || !existsSync(env) || !existsSync(join(folder, "profile"))) return undefined;
  return { folder, env, isFresh: !changedSince(evaluatedFolder(root), stamp.mtimeNs) };
}

/**
 * Whether a file or folder of the project changed after a time, in nanoseconds. Asked by the time of the last change of the inode, which no program sets
 * as it likes: a file that is put back with its old date counts too.
 */
export function changedSince(folder: string, ns: bigint): boolean {
  const own = lstatSync(folder, { bigint: true, throwIfNoEntry: false });
  if (own === undefined || own.ctimeNs > ns) return true;
  return readdirSync(folder, { withFileTypes: true }).some((entry) => {
    if (outsideProject.includes(entry.name)) return false;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return changedSince(path, ns);
    const stat = lstatSync(path, { bigint: true, throwIfNoEntry: false });
    return stat === undefined || stat.ctimeNs > ns;
  });
}
