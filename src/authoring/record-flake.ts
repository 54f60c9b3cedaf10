/** Values of the flake itself, outside any module: package sets, special arguments, dev shells, packages, checks. */
import type { PackageSet } from "../model/fleet.ts";
import type { NixValueTree } from "../model/nix-module.ts";
import { convert, type Here, inAttribute, namedVariables } from "./convert.ts";
import type { CallSite, ShellsDefinition } from "./definitions.ts";
import { problem } from "./problem.ts";
import type { Variable } from "./recorded.ts";
import { isPlainObject, type RecordContext, recording, top } from "./recording.ts";
import { argumentsObject, recordedOf } from "./reference.ts";

/** Where a value of the flake was written, and what it may refer to. */
export interface FlakePlace {
  readonly source: CallSite;
  /** As messages name it: `["packages"]`. */
  readonly path: readonly string[];
}

/** What values of the flake may refer to, and those that are made once a system. */
const flakeNames = ["inputs", "lib"] as const;
const systemNames = ["pkgs", "lib", "system", "inputs"] as const;

/** A value, or a function of `{ inputs, lib }`; of plain functions in it Nix functions are made, as overlays are. */
export function recordFlakeValue(value: unknown, place: FlakePlace, context: RecordContext): NixValueTree {
  return record(value, place, context, flakeNames, (given, here) => convert(given, here));
}

/** What a function of `{ pkgs, lib, system, inputs }` gives. */
export function recordSystemValue(value: unknown, place: FlakePlace, context: RecordContext): NixValueTree {
  return record(value, place, context, systemNames, (given, here) => convert(given, here));
}

/** `{ config, overlays }`, or a function of `{ inputs, lib }` that gives it. Throws SynthError for anything else in it. */
export function recordPackageSet(value: unknown, place: FlakePlace, context: RecordContext): PackageSet {
  return record(value, place, context, flakeNames, (given, here) => {
    const name = place.path.join(".");
    const example = "It is { config: { allowUnfree: true }, overlays: [(final, prev) => ({ ... })] }";
    if (!isPlainObject(given) || recordedOf(given) !== undefined)
      throw problem(`"${name}" must be an object with "config" and "overlays"`, here.origin, example);
    const { config, overlays, ...rest } = given;
    const [other] = Object.keys(rest);
    if (other !== undefined) throw problem(`Unknown key "${other}" in "${name}"`, here.origin, example);
    if (overlays !== undefined && !Array.isArray(overlays))
      throw problem(`"${name}.overlays" must be a list`, here.origin, example);
    const below = inAttribute(here, "overlays");
    const trees = (overlays ?? []).map((overlay: unknown) => convert(overlay, below));
    return config === undefined
      ? { overlays: trees }
      : { config: convert(config, inAttribute(here, "config")), overlays: trees };
  });
}

/** A dev shell: the argument of `mkShell`, or a reference to a whole derivation. */
export interface RecordedShell {
  readonly body: NixValueTree;
  readonly isDerivation: boolean;
}

export function recordShells(
  definition: ShellsDefinition,
  context: RecordContext,
): Readonly<Record<string, RecordedShell>> {
  const place = { source: definition.source, path: [] };
  return record(definition.body, place, context, systemNames, (shells, here) => {
    if (!isPlainObject(shells))
      throw problem(
        "The function returns no dev shells",
        here.origin,
        "Return them by name: shells(({ pkgs }) => ({ default: { packages: [pkgs.jq] } }))",
      );
    const recorded = Object.entries(shells).map(([name, value]) => {
      const body = convert(value, { ...inAttribute(here, name), option: undefined });
      return [name, { body, isDerivation: recordedOf(value) !== undefined }] as const;
    });
    return Object.fromEntries(recorded);
  });
}

// --- internal ---

function record<T>(
  value: unknown,
  place: FlakePlace,
  context: RecordContext,
  known: readonly string[],
  read: (given: unknown, here: Here) => T,
): T {
  return recording(place.source, context.root, () => {
    const names = new Map<string, Variable>();
    const path = place.path.reduce<Here["path"]>((above, key) => ({ key, above }), undefined);
    const here: Here = { ...top(place.source, context, names), path, option: undefined };
    const isBody = typeof value === "function" && recordedOf(value) === undefined;
    const given: unknown = isBody ? value(argumentsObject(namedVariables(names))) : value;
    const result = read(given, here);
    const unknown = [...names.keys()].find((name) => !known.includes(name));
    if (unknown === undefined) return result;
    const what = place.path.length === 0 ? "The dev shells ask" : `"${place.path.join(".")}" asks`;
    throw problem(
      `${what} for "${unknown}", which ${place.path.length === 0 ? "they are" : "it is"} not given`,
      here.origin,
      `Given are ${known.join(", ")}`,
    );
  });
}
