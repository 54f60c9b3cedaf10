/** What differs between the packages of two closures. Pure. */
import type { PackageChange, PackageChangeKind } from "../../model/host-plan.ts";
import { isAlwaysImportant } from "./important.ts";
import { parseStoreName } from "./store-name.ts";
import { compareVersions } from "./versions.ts";

/** Bytes of the NAR by store path. */
export type Closure = ReadonlyMap<string, number>;

export interface ComparePackagesOptions {
  /** Names of packages that matter on this machine beside those that matter everywhere. */
  readonly important?: ReadonlySet<string>;
  /** Names of packages that somebody asked for by name: told before what only others need. */
  readonly selected?: ReadonlySet<string>;
}

/**
 * One entry for each package whose store paths differ, all of its outputs together; those that are important first, then those that were
 * selected, then by name.
 */
export function comparePackages(
  before: Closure,
  after: Closure,
  { important = new Set(), selected = new Set() }: ComparePackagesOptions = {},
): PackageChange[] {
  const packages = new Map<string, Both>();
  const weight = (change: PackageChange): number => (change.important ? 2 : selected.has(change.name) ? 1 : 0);
  collect(before, after, "before", packages);
  collect(after, before, "after", packages);
  return [...packages]
    .filter(([, both]) => both.differs)
    .map(([name, both]) => changeOf(name, both, isAlwaysImportant(name) || important.has(name)))
    .sort((a, b) => weight(b) - weight(a) || (a.name < b.name ? -1 : 1));
}

/** Bytes of all its paths. */
export function sizeOf(closure: Closure): number {
  let sum = 0;
  for (const size of closure.values()) sum += size;
  return sum;
}

/** What became of a package, by the versions before and after: both sorted, none twice. */
export function kindOf(before: readonly string[], after: readonly string[]): PackageChangeKind {
  const gone = before.filter((version) => !after.includes(version));
  const fresh = after.filter((version) => !before.includes(version));
  if (gone.length === 0 && fresh.length === 0) return "changed";
  if (gone.length === 0) return "added";
  if (fresh.length === 0) return "removed";
  return compareVersions(fresh.at(-1) ?? "", gone.at(-1) ?? "") < 0 ? "downgraded" : "upgraded";
}

/** Each once, the oldest first. */
export function sortVersions(versions: Iterable<string>): string[] {
  return [...new Set(versions)].sort((a, b) => compareVersions(a, b) || (a < b ? -1 : 1));
}

// --- internal ---

interface Both {
  readonly before: Set<string>;
  readonly after: Set<string>;
  sizeDelta: number;
  differs: boolean;
}

function collect(closure: Closure, other: Closure, side: "before" | "after", packages: Map<string, Both>): void {
  for (const [path, size] of closure) {
    const { name, version } = parseStoreName(path);
    let both = packages.get(name);
    if (both === undefined) {
      both = { before: new Set(), after: new Set(), sizeDelta: 0, differs: false };
      packages.set(name, both);
    }
    both[side].add(version);
    both.sizeDelta += side === "before" ? -size : size;
    both.differs ||= !other.has(path);
  }
}

function changeOf(name: string, both: Both, important: boolean): PackageChange {
  const before = sortVersions(both.before);
  const after = sortVersions(both.after);
  return { name, kind: kindOf(before, after), before, after, sizeDelta: both.sizeDelta, important };
}
