/** stage, evaluate: what Nix makes of the flake files, and questions to it. */
import { join } from "node:path";
import type { Project } from "../config/project-above.ts";
import { type Evaluation, partsOf } from "../model/evaluation.ts";
import { builtContainers, type Fleet } from "../model/fleet.ts";
import { takenOver } from "../model/taken-over.ts";
import type { Asking, AskOptions } from "../nix/ask.ts";
import type { EvaluateOptions } from "../nix/evaluate.ts";
import type { FleetNames } from "../nix/evaluation-cache.ts";
import type { FlakeFiles } from "../synth/synth.ts";
import { readText } from "../util/files.ts";
import { withCopy } from "./copy.ts";
import { builtNames, isNothing } from "./names.ts";
import { askOptions, nixOf } from "./nix-of.ts";
import { cacheDir, type Work } from "./work.ts";

/** stage, evaluate: derivations by name, for what is named. The flake files must be written. @throws NixError, CancelledError */
export async function evaluate(fleet: Fleet, names: FleetNames, work: Work): Promise<Evaluation> {
  return evaluateIn(fleet.root, fleet, builtNames(fleet, names), work);
}

/** What `tryEvaluate` is told besides. */
export interface TryOptions extends Pick<EvaluateOptions, "located" | "onStart"> {
  /** Flake files that are not on disk: a copy that has them is evaluated, and nothing is written in the project. */
  readonly files?: FlakeFiles | undefined;
}

/**
 * Whether everything evaluates, for a report: of a fleet that was evaluated before, only the machines that a change concerns are evaluated. What is
 * built is never taken from here.
 * @throws as `evaluate`
 */
export async function tryEvaluate(
  fleet: Fleet,
  names: FleetNames,
  work: Work,
  { files, ...options }: TryOptions = {},
): Promise<Evaluation> {
  const parts = await partsFor(fleet);
  return files === undefined
    ? evaluateIn(fleet.root, fleet, names, work, { ...options, parts })
    : withCopy(fleet, files, work, (root) => evaluateIn(root, fleet, names, work, { ...options, parts }));
}

/**
 * Finds out what `tryEvaluate` needs to know of a project that has changed, while its TypeScript is loaded: nix works beside that. Never fails; what
 * is wrong comes out in the evaluation.
 */
export async function lookAhead({ root }: Project, work: Work): Promise<EvaluateOptions["located"]> {
  const { locateFlake } = await import("../nix/look-ahead.ts");
  return locateFlake({ root, cacheDir: cacheDir(root), ...work }).catch(() => undefined);
}

/** Asks nix about the fleet's machines: options and their values. The flake files must be written. @throws as `askMachines` */
export async function askFleet<T>(
  fleet: Fleet,
  ask: (asking: Asking & { readonly nixVersion: string }) => Promise<T>,
  work: Work,
): Promise<T> {
  const { askMachines } = await import("../nix/ask.ts");
  const options = await askOptions(fleet, work);
  return askMachines(options, (asking) => ask({ ...asking, nixVersion: options.nix.version }));
}

/** `root`: the project, or a copy of it. */
export async function evaluateIn(
  root: string,
  fleet: Fleet,
  names: FleetNames,
  work: Work,
  given: Pick<EvaluateOptions, "parts" | "located" | "onStart"> = {},
): Promise<Evaluation> {
  // A fleet of images that floe does not build needs no nix.
  if (isNothing(names)) return { hosts: {}, images: {}, shells: {} };
  const cache = cacheDir(fleet.root);
  const { evaluateFleet } = await import("../nix/evaluate.ts");
  const taken = takenOver(fleet);
  const options = { nix: await nixOf(fleet), root, cacheDir: cache, taken, ...work };
  const evaluation = await evaluateFleet({ ...options, ...given, names });
  // What is evaluated by parts is for a report, which tells everything.
  return placed(await explained(evaluation, fleet.root, options, given.parts !== undefined), fleet);
}

/** A failure that no file of the project explains stands where an existing flake is named. */
async function placed(evaluation: Evaluation, fleet: Fleet): Promise<Evaluation> {
  if (fleet.flake === undefined || partsOf(evaluation).every(({ ok }) => ok)) return evaluation;
  return (await import("../diagnose/taken-over.ts")).placeTakenOver(evaluation, fleet);
}

// --- internal ---

/** What evaluates part by part; nothing does of a flake that floe did not write, for it cannot tell what depends on what in it. */
async function partsFor(fleet: Fleet): Promise<EvaluateOptions["parts"]> {
  if (fleet.flake !== undefined) return undefined;
  const { partsOptions } = await import("../synth/parts-options.ts");
  return partsOptions({ ...fleet, containers: builtContainers(fleet) }, (path) => readText(join(fleet.root, path)));
}

/** Failures in the user's words and at the user's lines. The part of floe that does this is loaded only when there is one. */
async function explained(evaluation: Evaluation, root: string, options: AskOptions, all: boolean): Promise<Evaluation> {
  if (partsOf(evaluation).every(({ ok }) => ok)) return evaluation;
  const [{ diagnose }, { askMachines }] = await Promise.all([
    import("../diagnose/diagnose.ts"),
    import("../nix/ask.ts"),
  ]);
  const quiet = { ...options, emit: () => {} };
  return diagnose(evaluation, { root, flakeRoot: options.root, asking: (work) => askMachines(quiet, work), all });
}
