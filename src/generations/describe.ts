/** The generations of a profile as people and other programs read them. Pure. */
import { FloeError, UsageError } from "../errors.ts";
import type { PackageChange } from "../model/host-plan.ts";
import { type Closure, comparePackages, sizeOf } from "../plan/hosts/packages.ts";
import { parseStoreName } from "../plan/hosts/store-name.ts";
import { defined } from "../util/defined.ts";
import type { ObservedGeneration, ObservedGenerations } from "./observe.ts";

/** What a generation has that the one before did not have, and the other way round. */
export interface PackagesChanged {
  /** The generation that it is compared with. */
  readonly since: number;
  /** The important ones first. */
  readonly changes: readonly PackageChange[];
  /** Bytes by which the closure grew. */
  readonly sizeDelta: number;
}

export interface DescribedGeneration {
  readonly number: number;
  /** Store path. */
  readonly system: string;
  /** ISO 8601. */
  readonly since: string;
  /** Of NixOS, or of home-manager. */
  readonly version?: string;
  /** Of the flake that it comes from. */
  readonly revision?: string;
  /** The version of its kernel. */
  readonly kernel?: string;
  /** Who switched to it with floe: `me@desk`. */
  readonly by?: string;
  /** The fleet that it comes from, when floe switched to it. */
  readonly fleet?: string;
  /** It is what runs; of a home, what the user has. */
  readonly isCurrent: boolean;
  readonly isBooted: boolean;
  /** A switch to it was not confirmed, and the machine went back. */
  readonly isFailed?: boolean;
  /** The next boot brings it. */
  readonly isNext: boolean;
  /** An earlier generation with the very same content. */
  readonly sameAs?: number;
  /** Bytes of all that it is made of. */
  readonly closureSize?: number;
  /** Absent for the first one, and where it cannot be told. */
  readonly packages?: PackagesChanged;
}

/** The newest first. */
export function describeGenerations(observed: ObservedGenerations): DescribedGeneration[] {
  const { generations } = observed;
  return generations.map((one, index) => describe(one, generations[index - 1], observed)).reverse();
}

/**
 * What `to` has that `from` has not, and the other way round; any two of them.
 * @throws UsageError for a number that is not there, FloeError when it is not known what one of them is made of
 */
export function compareGenerations(
  observed: ObservedGenerations,
  from: number,
  to: number,
): Omit<PackagesChanged, "since"> {
  const [old, fresh] = [from, to].map((number) => closureOf(observed, number)) as [Closure, Closure];
  return { changes: comparePackages(old, fresh), sizeDelta: sizeOf(fresh) - sizeOf(old) };
}

// --- internal ---

function closureOf({ generations, closures }: ObservedGenerations, number: number): Closure {
  const found = generations.find((one) => one.number === number);
  if (found === undefined)
    throw new UsageError(`There is no generation ${number}`, {
      hint: `There are: ${generations.map((one) => one.number).join(", ")}`,
    });
  const closure = closures.of(found.system);
  if (closure === undefined)
    throw new FloeError(`It cannot be told what generation ${number} is made of: its store path is gone`);
  return closure;
}

function describe(
  one: ObservedGeneration,
  before: ObservedGeneration | undefined,
  observed: ObservedGenerations,
): DescribedGeneration {
  const { running, booted, current, generations, closures } = observed;
  const { number, system, at, version, kernel } = one;
  const origin = originOf(one, observed);
  const closure = closures.of(system);
  return defined({
    number,
    system,
    since: new Date(at).toISOString(),
    version,
    ...origin,
    kernel:
      kernel === undefined ? undefined : parseStoreName(kernel.split("/").slice(0, 4).join("/")).version || undefined,
    isCurrent: running === undefined ? number === current : system === running && isLatestOf(one, observed),
    isBooted: system === booted,
    isFailed: one.isFailed,
    isNext: running !== undefined && number === current,
    sameAs: generations.find((other) => other.number < number && other.system === system)?.number,
    closureSize: closure === undefined ? undefined : sizeOf(closure),
    packages: before === undefined ? undefined : changesSince(before, one, observed),
  });
}

/** Of several generations with one system, the profile's own is the one that runs, else the newest. */
function isLatestOf({ number, system }: ObservedGeneration, { generations, current }: ObservedGenerations): boolean {
  const same = generations.filter((other) => other.system === system).map((other) => other.number);
  return current !== undefined && same.includes(current) ? number === current : number === Math.max(...same);
}

/** Numbers come again when generations are deleted, so a record counts only for the system that it names. */
function originOf(
  { number, system, revision }: ObservedGeneration,
  { records }: ObservedGenerations,
): Pick<DescribedGeneration, "revision" | "by" | "fleet"> {
  const ofSystem = records.filter((record) => record.system === system);
  const own = ofSystem.findLast((record) => record.number === number);
  return defined({ revision: own?.revision ?? revision ?? ofSystem.at(-1)?.revision, by: own?.by, fleet: own?.fleet });
}

function changesSince(
  before: ObservedGeneration,
  after: ObservedGeneration,
  { closures }: ObservedGenerations,
): PackagesChanged | undefined {
  const [old, fresh] = [closures.of(before.system), closures.of(after.system)];
  if (old === undefined || fresh === undefined) return undefined;
  const changes = comparePackages(old, fresh);
  return { since: before.number, changes, sizeDelta: sizeOf(fresh) - sizeOf(old) };
}
