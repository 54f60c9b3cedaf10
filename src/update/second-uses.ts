/** What of a fleet is built from a second nixpkgs: known by the `stdenv` that everything built from it needs. */
import { existsSync } from "node:fs";
import { NixError } from "../errors.ts";
import { type Users, usersInClosures } from "../nix/drv.ts";
import { sourcePath } from "../nix/source-path.ts";
import type { FlakeLock, LockedInput } from "./flake-lock.ts";
import type { PartBoth } from "./parts.ts";
import { ownNixpkgs, type SecondNixpkgs, type SecondUse } from "./second-nixpkgs.ts";

export interface UsesOptions {
  readonly lock: FlakeLock;
  /** Of the fleet with that lock. */
  readonly parts: readonly PartBoth[];
  /** Derivations that all packages of a nixpkgs need, by its path in the lock; those that do not evaluate are left out. @throws NixError */
  readonly stdenvs: (paths: readonly string[]) => Promise<ReadonlyMap<string, readonly string[]>>;
}

/** Says of each what is built from it, where that can be found out without getting anything from the network. */
export async function findUses(
  second: readonly SecondNixpkgs[],
  { lock, parts, stdenvs }: UsesOptions,
): Promise<SecondNixpkgs[]> {
  const own = ownNixpkgs(lock);
  const here = second.map(({ path }) => path).filter((path) => isHere(lock, path));
  if (here.length === 0 || !own.every((path) => isHere(lock, path))) return [...second];
  const known = await stdenvs([...own, ...here]).catch(orNone);
  if (!own.every((path) => known.has(path))) return [...second];
  const ofOwn = new Set(own.flatMap((path) => known.get(path) ?? []));
  const marks = new Map(here.map((path) => [path, (known.get(path) ?? []).filter((drvPath) => !ofOwn.has(drvPath))]));
  const roots = parts.flatMap(({ after }) => (after.ok ? after.value.all.map(({ drvPath }) => drvPath) : []));
  const walked = usersInClosures(roots, new Set([...ofOwn, ...[...marks.values()].flat()]));
  return second.map((one) => {
    const mine = marks.get(one.path) ?? [];
    const uses = usesOf(mine, ofOwn, parts, walked);
    if (uses.length > 0) return { ...one, inClosureOf: uses, ...others(one.path, marks) };
    // With some of the tools of the project's own it may be in a closure unseen, as it may in what does not evaluate.
    const isSeen = mine.length > 0 && mine.length === known.get(one.path)?.length;
    return isSeen && walked.isWhole && parts.every(({ after }) => after.ok) ? { ...one, inClosureOf: [] } : one;
  });
}

// --- internal ---

/** A nixpkgs that nothing was built from was perhaps never fetched, and is not worth that now. */
function isHere(lock: FlakeLock, path: string): boolean {
  const steps = path.split("/");
  return steps.every((_, index) => isSourceHere(lock.find(steps.slice(0, index + 1).join("/"))));
}

function isSourceHere(input: LockedInput | undefined): boolean {
  if (input === undefined) return false;
  if (input.type === "path" || (input.type === "git" && input.source["url"]?.startsWith("file:"))) return true;
  const stored = input.narHash === undefined ? undefined : sourcePath(input.narHash);
  return stored !== undefined && existsSync(stored);
}

function orNone(error: unknown): ReadonlyMap<string, readonly string[]> {
  if (error instanceof NixError) return new Map();
  throw error;
}

function usesOf(
  marks: readonly string[],
  ofOwn: ReadonlySet<string>,
  parts: readonly PartBoth[],
  { users }: Users,
): SecondUse[] {
  return parts.flatMap(({ kind, name, after }) => {
    if (!after.ok) return [];
    const isBuiltWith = (mark: string) => after.value.all.some(({ drvPath }) => users.get(mark)?.has(drvPath));
    return marks.some(isBuiltWith) ? [{ kind, name, isAlone: ![...ofOwn].some(isBuiltWith) }] : [];
  });
}

function others(path: string, marks: ReadonlyMap<string, readonly string[]>): Pick<SecondNixpkgs, "orOf"> {
  const mine = marks.get(path) ?? [];
  const same = [...marks].filter(([one, theirs]) => one !== path && theirs.some((mark) => mine.includes(mark)));
  return same.length === 0 ? {} : { orOf: same.map(([one]) => one) };
}
