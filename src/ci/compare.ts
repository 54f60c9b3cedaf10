/** Compares the fleet on disk with the one of another commit: what nix would build differently, and what instances are described as. */
import type { Derivation, Evaluated, Evaluation, ImageDerivations } from "../model/evaluation.ts";
import type { Fleet } from "../model/fleet.ts";
import type { NixTool } from "../nix/find.ts";
import { compareLocks } from "../plan/hosts/locks.ts";
import { changedPackages } from "../update/part-packages.ts";
import type { BaseCommit } from "./base.ts";
import type { Comparison, PartChange } from "./comparison.ts";
import { changedUnits, originsOf, systemIn } from "./derivation-changes.ts";
import { instanceChanges } from "./setting-changes.ts";

/** A fleet with its evaluation. */
export interface Side {
  readonly fleet: Fleet;
  readonly evaluation: Evaluation;
  /** The text of its flake.lock. */
  readonly lock?: string | undefined;
}

export interface CompareOptions {
  readonly nix: NixTool;
  readonly signal: AbortSignal;
}

/** @param before undefined: there was nothing, everything is new. @throws CancelledError */
export async function compareSides(
  base: BaseCommit,
  before: Side | undefined,
  after: Side,
  options: CompareOptions,
): Promise<Comparison> {
  const parts: PartChange[] = [];
  for (const { kind, group } of kinds) {
    const [old, fresh] = [before?.evaluation[group] ?? {}, after.evaluation[group] ?? {}];
    for (const name of [...new Set([...Object.keys(fresh), ...Object.keys(old)])].sort())
      parts.push({ kind, name, ...(await changeOf(kind, old[name], fresh[name], options)) });
  }
  return {
    base,
    parts,
    instances: instanceChanges(before?.fleet, after.fleet),
    inputs: (before?.lock && after.lock && compareLocks(before.lock, after.lock)) || [],
  };
}

// --- internal ---

const kinds = [
  { kind: "host", group: "hosts" },
  { kind: "container", group: "images" },
  { kind: "home", group: "homes" },
  { kind: "shell", group: "shells" },
] as const;

type Made = Evaluated<Derivation | ImageDerivations>;
type Change = Omit<PartChange, "kind" | "name">;

async function changeOf(
  kind: PartChange["kind"],
  before: Made | undefined,
  after: Made | undefined,
  options: CompareOptions,
): Promise<Change> {
  if (after === undefined) return { state: "gone" };
  if (!after.ok) return { state: "broken", error: after.error.message };
  if (before === undefined) return { state: "new" };
  if (!before.ok) return { state: "mended" };
  const [old, fresh] = [derivationsOf(before.value), derivationsOf(after.value)];
  if (isSame(old, fresh)) return { state: "same" };
  const [main, other] = mainPair(old, fresh);
  const systems = [systemIn(main.drvPath), systemIn(other.drvPath)] as const;
  return {
    state: "changed",
    ...(await changedPackages(kind, main, other, options)),
    units: systems[0] === undefined || systems[1] === undefined ? [] : changedUnits(systems[0], systems[1]),
    origins: originsOf(main.drvPath, other.drvPath),
  };
}

/** Of an image its root file system, its metadata, and what an update in place needs. */
function derivationsOf(value: Derivation | ImageDerivations): readonly Derivation[] {
  if ("drvPath" in value) return [value];
  const { rootfs, metadata, inPlace } = value;
  return [rootfs, metadata, ...(inPlace === undefined ? [] : [inPlace.root, inPlace.toplevel])];
}

function isSame(before: readonly Derivation[], after: readonly Derivation[]): boolean {
  return before.length === after.length && before.every(({ drvPath }, index) => drvPath === after[index]?.drvPath);
}

/** The first that differs: of an image its root file system, unless only the metadata is another. */
function mainPair(before: readonly Derivation[], after: readonly Derivation[]): [Derivation, Derivation] {
  const index = after.findIndex(({ drvPath }, at) => before[at] !== undefined && before[at].drvPath !== drvPath);
  const at = Math.max(0, index);
  return [before[at] as Derivation, after[at] as Derivation];
}
