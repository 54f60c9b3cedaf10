/** What an update does to each part of the fleet: its derivation before and after. Pure. */
import { NixError } from "../errors.ts";
import type { Derivation, Evaluated, Evaluation, EvaluationError } from "../model/evaluation.ts";
import type { PackageChange } from "../model/host-plan.ts";

export type PartKind = "host" | "container" | "home" | "shell";

/**
 * `same`: its derivation is, so nothing of it has to be built or switched. `broken`: it evaluated before. `still-broken`: it did not evaluate
 * before either. `mended`: now it does.
 */
export type PartOutcome = "same" | "changed" | "broken" | "still-broken" | "mended";

export interface PartChange {
  readonly kind: PartKind;
  readonly name: string;
  readonly outcome: PartOutcome;
  /** Of what changed; absent where it cannot be told. */
  readonly packages?: readonly PackageChange[];
  /** From the closures where both were built, else from the derivations: then only of what the configuration names itself. */
  readonly packagesFrom?: "closures" | "derivations";
  readonly error?: EvaluationError;
}

/** A part with what Nix says of it on both sides. */
export interface PartBoth {
  readonly kind: PartKind;
  readonly name: string;
  readonly before: Evaluated<PartDerivations> | undefined;
  readonly after: Evaluated<PartDerivations>;
}

export interface PartDerivations {
  /** All that is made of it: when they are the same, so is the part. */
  readonly all: readonly Derivation[];
  /** The one whose packages count; of an image that is the system in it, which its derivation leads to. */
  readonly main: Derivation;
}

/** Every part of the new evaluation, hosts first. `before` is undefined where there was no lock, and an error where nothing evaluated. */
export function bothSides(before: Evaluation | NixError | undefined, after: Evaluation): PartBoth[] {
  const known = before === undefined || before instanceof NixError ? [] : sidesOf(before);
  const old = new Map(known.map((side) => [`${side.kind} ${side.name}`, side.evaluated]));
  const none = before instanceof NixError ? failed(before) : undefined;
  return sidesOf(after).map(({ kind, name, evaluated }) => ({
    kind,
    name,
    before: old.get(`${kind} ${name}`) ?? none,
    after: evaluated,
  }));
}

export function outcomeOf({ before, after }: PartBoth): PartOutcome {
  if (!after.ok) return before === undefined || before.ok ? "broken" : "still-broken";
  if (before === undefined) return "changed";
  if (!before.ok) return "mended";
  const [was, is] = [before.value.all, after.value.all];
  return was.length === is.length && is.every(({ drvPath }, index) => drvPath === was[index]?.drvPath)
    ? "same"
    : "changed";
}

// --- internal ---

interface Side {
  readonly kind: PartKind;
  readonly name: string;
  readonly evaluated: Evaluated<PartDerivations>;
}

function failed({ message }: NixError): Evaluated<PartDerivations> {
  return { ok: false, error: { message, log: "" } };
}

function sidesOf({ hosts, images, homes = {}, shells }: Evaluation): Side[] {
  const one = (value: Derivation): PartDerivations => ({ all: [value], main: value });
  return [
    ...sides("host", hosts, one),
    ...sides("container", images, ({ rootfs, metadata, inPlace }) => ({
      all: inPlace === undefined ? [rootfs, metadata] : [inPlace.toplevel, inPlace.root, metadata],
      main: inPlace?.toplevel ?? rootfs,
    })),
    ...sides("home", homes, one),
    ...sides("shell", shells, one),
  ];
}

function sides<T>(
  kind: PartKind,
  parts: Readonly<Record<string, Evaluated<T>>>,
  toDerivations: (value: T) => PartDerivations,
): Side[] {
  return Object.entries(parts)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, part]) => ({
      kind,
      name,
      evaluated: part.ok ? { ok: true, value: toDerivations(part.value) } : part,
    }));
}
