/**
 * From what nix says to the place in the user's files. Runs only when an evaluation failed: the project is loaded a second time,
 * instrumented, and each error is followed to the definitions it is about.
 */
import { forgetPlaces, notePlaces } from "../authoring/places.ts";
import { loadFleet } from "../config/load.ts";
import { type Evaluated, type Evaluation, type EvaluationError, partsOf } from "../model/evaluation.ts";
import type { Fleet } from "../model/fleet.ts";
import type { NixModule } from "../model/nix-module.ts";
import type { Asking } from "../nix/ask.ts";
import { askTogether } from "./ask-together.ts";
import { type ExplainContext, explain } from "./explain.ts";
import { errorKey, findFurther } from "./further.ts";
import { instrument } from "./instrument.ts";
import { homeModules, machineModules } from "./modules.ts";

export interface DiagnoseOptions {
  /** The project's folder, absolute, which holds the TypeScript. */
  readonly root: string;
  /** The folder with the flake that was evaluated: the project, or a copy with other generated files. */
  readonly flakeRoot: string;
  /** Gives the one who asks nix about options; it is only used for suggestions. */
  readonly asking: <T>(work: (asking: Asking) => Promise<T>) => Promise<T>;
  /** Look for everything that is wrong with a machine: nix itself stops at the first mistake. */
  readonly all?: boolean;
}

/** The evaluation with every failure explained. What cannot be explained keeps nix's words. */
export async function diagnose(evaluation: Evaluation, options: DiagnoseOptions): Promise<Evaluation> {
  if (!hasFailure(evaluation)) return evaluation;
  const fleet = await loadWithPlaces(options.root);
  if (fleet === undefined) return evaluation;
  const ask = askTogether(options.asking);
  const seen = new Set<string>();
  const explainAll = async (raw: EvaluationError, context: ExplainContext): Promise<EvaluationError> => {
    const error = await explain(raw, context);
    const key = errorKey(error);
    // A mistake in a module is that of all who import it: one of them is looked at further.
    if (options.all !== true || seen.has(key) || seen.size === mostLookedAt) return error;
    seen.add(key);
    const found = new Map((await findFurther(raw, context)).map((each) => [errorKey(each), each]));
    found.delete(key);
    return found.size === 0 ? error : { ...error, further: [...found.values()] };
  };
  const each = async <T>(
    parts: Readonly<Record<string, Evaluated<T>>>,
    modules: (name: string) => readonly NixModule[],
    output: ExplainContext["output"] = "nixosConfigurations",
    explainPart = explainAll,
  ) => {
    const explained = async (machine: string, made: Evaluated<T>): Promise<Evaluated<T>> =>
      made.ok
        ? made
        : {
            ok: false,
            error: await explainPart(made.error, { ...options, ask, machine, output, modules: modules(machine) }),
          };
    return Object.fromEntries(
      await Promise.all(
        Object.entries(parts).map(async ([name, made]) => [name, await explained(name, made)] as const),
      ),
    );
  };
  // All at once: their questions to nix are asked together.
  const [hosts, images, homes, shells] = await Promise.all([
    each(evaluation.hosts, (name) => machineModules(fleet, name)),
    each(evaluation.images, (name) => machineModules(fleet, name)),
    each(evaluation.homes ?? {}, (name) => homeModules(fleet, name), "homeConfigurations"),
    each(evaluation.shells, (name) => shellModules(fleet, name), undefined, explain),
  ]);
  return { hosts, images, homes, shells };
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
export function failuresOf(evaluation: Evaluation): EvaluationError[] {
  return partsOf(evaluation).flatMap((made) => (made.ok ? [] : [made.error]));
}

// --- internal ---

/** Machines with different mistakes whose further ones are looked for: each takes some evaluations. */
const mostLookedAt = 6;

function hasFailure(evaluation: Evaluation): boolean {
  return failuresOf(evaluation).some(({ cause }) => cause !== undefined);
}

/** A dev shell is written into flake.nix itself. */
function shellModules(fleet: Fleet, name: string): NixModule[] {
  const shell = fleet.shells[name];
  return shell === undefined ? [] : [{ source: shell.source, file: "flake.nix", expr: shell.body }];
}
