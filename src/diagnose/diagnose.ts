/**
 * From what nix says to the place in the user's files. Runs only when an evaluation failed: the project is loaded a second time,
 * instrumented, and each error is followed to the definitions it is about.
 */
import { forgetPlaces, notePlaces } from "../authoring/places.ts";
import { loadFleet } from "../config/load.ts";
import type { Evaluated, Evaluation, EvaluationError } from "../model/evaluation.ts";
import type { Fleet } from "../model/fleet.ts";
import type { NixModule } from "../model/nix-module.ts";
import type { Asking } from "../nix/ask.ts";
import { explain } from "./explain.ts";
import { instrument } from "./instrument.ts";
import { machineModules } from "./modules.ts";

export interface DiagnoseOptions {
  /** The project's folder, absolute, which holds the TypeScript. */
  readonly root: string;
  /** The folder with the flake that was evaluated: the project, or a copy with other generated files. */
  readonly flakeRoot: string;
  /** Gives the one who asks nix about options; it is only used for suggestions. */
  readonly asking: <T>(work: (asking: Asking) => Promise<T>) => Promise<T>;
}

/** The evaluation with every failure explained. What cannot be explained keeps nix's words. */
export async function diagnose(evaluation: Evaluation, options: DiagnoseOptions): Promise<Evaluation> {
  if (!hasFailure(evaluation)) return evaluation;
  const fleet = await loadWithPlaces(options.root);
  if (fleet === undefined) return evaluation;
  const part = async <T>(name: string, made: Evaluated<T>, modules: readonly NixModule[]): Promise<Evaluated<T>> =>
    made.ok ? made : { ok: false, error: await explain(made.error, { ...options, machine: name, modules }) };
  const each = async <T>(
    parts: Readonly<Record<string, Evaluated<T>>>,
    modules: (name: string) => readonly NixModule[],
  ) =>
    Object.fromEntries(
      await Promise.all(
        Object.entries(parts).map(async ([name, made]) => [name, await part(name, made, modules(name))] as const),
      ),
    );
  return {
    hosts: await each(evaluation.hosts, (name) => machineModules(fleet, name)),
    images: await each(evaluation.images, (name) => machineModules(fleet, name)),
    shells: await each(evaluation.shells, (name) => shellModules(fleet, name)),
  };
}

/** The fleet with the places of all definitions in its trees; undefined when the project does not load, which is another error then. */
export async function loadWithPlaces(root: string): Promise<Fleet | undefined> {
  notePlaces();
  try {
    return await loadFleet(root, { plugins: [instrument] });
  } catch {
    return undefined;
  } finally {
    forgetPlaces();
  }
}

/** The failures of an evaluation. */
export function failuresOf({ hosts, images, shells }: Evaluation): EvaluationError[] {
  return [hosts, images, shells]
    .flatMap((parts) => Object.values<Evaluated<unknown>>(parts))
    .flatMap((made) => (made.ok ? [] : [made.error]));
}

// --- internal ---

function hasFailure(evaluation: Evaluation): boolean {
  return failuresOf(evaluation).some(({ cause }) => cause !== undefined);
}

/** A dev shell is written into flake.nix itself. */
function shellModules(fleet: Fleet, name: string): NixModule[] {
  const shell = fleet.shells[name];
  return shell === undefined ? [] : [{ source: shell.source, file: "flake.nix", expr: shell.body }];
}
