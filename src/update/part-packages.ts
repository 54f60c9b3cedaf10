/** Which packages of a part differ: by the closures where both are in the store, else by what the derivations declare. */
import type { Derivation } from "../model/evaluation.ts";
import type { PackageChange } from "../model/host-plan.ts";
import { drvName, readDrv } from "../nix/drv.ts";
import type { NixTool } from "../nix/find.ts";
import { readDeclared, variablesOf } from "../plan/hosts/declared.ts";
import { closureHere } from "../plan/hosts/new-system.ts";
import { type Closure, comparePackages } from "../plan/hosts/packages.ts";
import { parseStoreName } from "../plan/hosts/store-name.ts";
import type { PartChange, PartKind } from "./parts.ts";

export interface PackagesOptions {
  readonly nix: NixTool;
  readonly signal?: AbortSignal | undefined;
}

/** Nothing where it cannot be told: a derivation is gone, or is none that floe can read. @throws CancelledError */
export async function changedPackages(
  kind: PartKind,
  before: Derivation,
  after: Derivation,
  { nix, signal }: PackagesOptions,
): Promise<Pick<PartChange, "packages" | "packagesFrom">> {
  if (kind === "shell") return declared(shellPackages(before.drvPath), shellPackages(after.drvPath));
  const [old, fresh] = [systemOf(kind, before), systemOf(kind, after)];
  if (old === undefined || fresh === undefined) return {};
  const was = await closureHere(nix, old.outPath, signal);
  const is = was && (await closureHere(nix, fresh.outPath, signal));
  if (was === undefined || is === undefined) return declared(declaredPaths(old.drvPath), declaredPaths(fresh.drvPath));
  const selected = new Set([...declaredPaths(fresh.drvPath)].map((path) => parseStoreName(path).name));
  // That the system itself is another one is why this is asked.
  const packages = comparePackages(was, is, { selected }).filter(({ name }) => !name.startsWith("nixos-system-"));
  return { packages, packagesFrom: "closures" };
}

/** An image holds a system, which is what its packages are of. */
export function systemOf(kind: PartKind, derivation: Derivation): Derivation | undefined {
  if (kind !== "container" || isSystem(derivation.drvPath)) return derivation;
  const seen = new Set([derivation.drvPath]);
  for (const drvPath of seen) {
    const outPath = isSystem(drvPath) ? readDrv(drvPath)?.outputs[0] : undefined;
    if (outPath !== undefined) return { drvPath, outPath };
    // Adding to a set while walking it visits what was added: the nearest first.
    for (const input of readDrv(drvPath)?.inputDrvs ?? []) seen.add(input);
  }
  return undefined;
}

// --- internal ---

function isSystem(drvPath: string): boolean {
  return drvName(drvPath).startsWith("nixos-system-");
}

function declaredPaths(drvPath: string): ReadonlySet<string> {
  return readDeclared(drvPath)?.paths ?? new Set();
}

/** What `nix develop` puts into the PATH and the compiler's flags; all of a shell's packages are among it. */
const shellVariables = ["packages", "nativeBuildInputs", "buildInputs", "propagatedBuildInputs", "stdenv"];

function shellPackages(drvPath: string): ReadonlySet<string> {
  const variables = variablesOf(drvPath);
  const text = shellVariables.map((name) => variables?.get(name) ?? "").join(" ");
  return new Set(text.split(/\s+/).filter((word) => word.startsWith("/nix/store/")));
}

/** Sizes are not known before a build. */
function declared(
  before: ReadonlySet<string>,
  after: ReadonlySet<string>,
): Pick<PartChange, "packages" | "packagesFrom"> {
  if (before.size === 0 && after.size === 0) return {};
  const packages: readonly PackageChange[] = comparePackages(unsized(before), unsized(after));
  return { packages, packagesFrom: "derivations" };
}

function unsized(paths: ReadonlySet<string>): Closure {
  return new Map([...paths].map((path) => [path, 0]));
}
