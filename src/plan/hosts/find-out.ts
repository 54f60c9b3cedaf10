/** Finds out what a change means: from this machine's store, the new system's derivations, and the machine itself. */
import type { Machine } from "../../machine/machine.ts";
import type { PackageChange } from "../../model/host-plan.ts";
import type { NixTool } from "../../nix/find.ts";
import { defined } from "../../util/defined.ts";
import { causesSince, revisionThatRuns } from "./causes.ts";
import { type DeclaredSystem, readDeclared, unitsDeclared } from "./declared.ts";
import { type Examination, examineHost } from "./examine-host.ts";
import { programsOf } from "./important.ts";
import { closureHere, partsHere, textsOfUnit, unitsHere } from "./new-system.ts";
import type { ObservedHost } from "./observed.ts";
import { type Closure, comparePackages } from "./packages.ts";
import type { HostFindings } from "./plan-host.ts";
import { parseStoreName } from "./store-name.ts";
import { type NewUnits, predictUnits } from "./units.ts";

export interface FindOutInput {
  readonly machine: Machine;
  readonly observed: ObservedHost;
  readonly system: string;
  /** Of the system; absent where only its store path is known. */
  readonly drvPath?: string | undefined;
  /** The project's folder. */
  readonly root: string;
  readonly nix: NixTool;
  /** The machine may be asked as root what would become of its units. */
  readonly asRoot: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** @throws ConnectionError, CancelledError */
export async function findOut(input: FindOutInput): Promise<HostFindings> {
  const { machine, observed, system, root, nix, asRoot, signal } = input;
  const here = await closureHere(nix, system, signal);
  const options = { current: observed.current, system, closure: here, dryActivate: asRoot, signal };
  const [examination, causes] = await Promise.all([
    examineHost(machine, options),
    causesSince(root, revisionThatRuns(observed), signal),
  ]);
  const found = findingsOf(input, here, examination);
  return { examination, ...found, ...defined({ causes }) };
}

/** What can be told before the build: the packages that are declared and their units. */
export function declaredFindings(
  declared: DeclaredSystem,
  { closure: before, units: old, active }: Examination,
): Found {
  const units = old.links.size > 0 ? predictUnits(old, unitsDeclared(declared, old.links), active) : undefined;
  const packages = before && declaredChanges(before, declared);
  return {
    parts: declared.parts,
    ...defined({ units }),
    ...(packages === undefined ? {} : { packages, packagesFrom: "derivations" as const }),
  };
}

// --- internal ---

type Found = Omit<HostFindings, "examination" | "causes">;

function findingsOf({ system, drvPath }: FindOutInput, here: Closure | undefined, examination: Examination): Found {
  if (here !== undefined)
    return builtFindings(here, examination, { parts: partsHere(system), units: unitsHere(system) });
  if (examination.next !== undefined) {
    const { closure, parts } = examination.next;
    return builtFindings(closure, examination, { parts, units: undefined });
  }
  const declared = drvPath === undefined ? undefined : readDeclared(drvPath);
  return declared === undefined ? { parts: {} } : declaredFindings(declared, examination);
}

function builtFindings(
  closure: Closure,
  { closure: before, units: old, active, selected: paths }: Examination,
  next: { readonly parts: HostFindings["parts"]; readonly units: NewUnits | undefined },
): Found {
  const units = next.units && old.links.size > 0 ? predictUnits(old, next.units, active) : undefined;
  const important = next.units && ownPrograms(next.units);
  const selected = new Set(paths.map((path) => parseStoreName(path).name));
  return {
    closure,
    parts: next.parts,
    ...defined({ units }),
    ...(before === undefined
      ? {}
      : {
          packages: comparePackages(before, closure, { selected, ...defined({ important }) }),
          packagesFrom: "closures" as const,
        }),
  };
}

/** Of the units that the configuration itself describes: not those that packages bring. */
function ownPrograms(units: NewUnits): Set<string> {
  const own = [...units.links].filter(([, link]) => /^\/nix\/store\/[0-9a-z]{32}-unit-/.test(link));
  return new Set(own.flatMap(([unit]) => programsOf(textsOfUnit(unit, units))));
}

/** Of the packages that the new system is sure to have, those that are not as they are now. Sizes are not known. */
function declaredChanges(before: Closure, { paths, units }: DeclaredSystem): PackageChange[] {
  const names = new Set([...paths].map((path) => parseStoreName(path).name));
  const now = [...before].filter(([path]) => names.has(parseStoreName(path).name));
  const next = new Map([...paths].map((path) => [path, 0] as const));
  // Outputs that are not named stay with those that are: only whole packages are compared.
  const changed = comparePackages(new Map(now.map(([path]) => [path, 0])), next, {
    important: new Set([...units.values()].flatMap(({ text }) => programsOf([text]))),
  });
  return changed.filter(
    ({ name, kind }) =>
      kind !== "changed" || [...paths].some((path) => parseStoreName(path).name === name && !before.has(path)),
  );
}
