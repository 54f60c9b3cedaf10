/** Asks nix for the whole fleet at once, and keeps one part's failure from the others. */
import { join } from "node:path";
import { NixError } from "../errors.ts";
import type { Derivation, Evaluated, Evaluation, ImageDerivations } from "../model/evaluation.ts";
import type { TakenOver } from "../model/taken-over.ts";
import type { Emit } from "../report/events.ts";
import { withFileLock } from "../util/file-lock.ts";
import { isRecord } from "../util/files.ts";
import { mapLimit } from "../util/map-limit.ts";
import { type EvalContext, type EvalResult, evalFloe, flakeError } from "./eval.ts";
import { inExistingFlake } from "./evaluate-flake.ts";
import { evaluationKey, type FleetNames, recallEvaluation, rememberEvaluation } from "./evaluation-cache.ts";
import type { NixTool } from "./find.ts";
import { lockProject, needsLock } from "./lock.ts";
import { parallelism, sharingOut } from "./memory.ts";
import { checkNetwork } from "./network.ts";
import { openPartCache } from "./part-cache.ts";
import { type OwnFiles, partHashes } from "./parts.ts";
import { aloneExpression, attributesOf, type FleetAttribute, fleetExpression, namesExpression } from "./select.ts";
import { takenOverKey } from "./source-revision.ts";
import { lastStage, type Stage, sayWaiting, stageProject } from "./stage.ts";
import { type LocatedFlake, lockedFlake, watchSelf } from "./watched.ts";

export type { FleetNames } from "./evaluation-cache.ts";

export interface EvaluateOptions {
  readonly nix: NixTool;
  /** The project's folder, absolute; its flake is written already. */
  readonly root: string;
  /** What to ask for; nothing else is evaluated. */
  readonly names: FleetNames;
  readonly emit: Emit;
  /** `.floe/cache` of the project. */
  readonly cacheDir: string;
  readonly signal?: AbortSignal | undefined;
  /** Evaluate only the machines that a change concerns, as far as that is sure. */
  readonly parts?: PartsOptions | undefined;
  /** What was found out before, for a snapshot of that hash. */
  readonly located?: LocatedFlake | undefined;
  /** Called when nix has been started; not at all where none is needed. */
  readonly onStart?: (() => void) | undefined;
  /** The flake is not floe's: where the parts are in it. Then `parts` is not used. */
  readonly taken?: TakenOver | undefined;
}

export interface PartsOptions {
  readonly ownFiles: OwnFiles;
  /** Parts that are known to depend on the whole project, as `hosts/crown`: these are evaluated each time. */
  readonly readSelf: readonly string[];
  /** Inputs that lie in the project. */
  readonly inputFolders: readonly string[];
}

/**
 * Evaluates the fleet: stages the project, and answers from the cache when the same was evaluated before, without starting nix. Otherwise
 * a `nix eval` for each processor asks for everything; what fails is then evaluated alone for its error. flake.lock is brought up to date when it must be.
 * @throws NixError when the flake as a whole does not evaluate or cannot be locked; CancelledError.
 */
export async function evaluateFleet(options: EvaluateOptions): Promise<Evaluation> {
  const { emit, signal, cacheDir } = options;
  emit({ type: "phase.start", phase: "evaluate", count: attributesOf(options.names).length });
  const onWait = sayWaiting(emit);
  try {
    const evaluation = await withFileLock(join(cacheDir, "evaluate.lock"), { signal, onWait }, () =>
      evaluateStaged(options),
    );
    emit({ type: "phase.end", phase: "evaluate", ok: true });
    return evaluation;
  } catch (error) {
    emit({ type: "phase.end", phase: "evaluate", ok: false });
    throw error;
  }
}

// --- internal ---

async function evaluateStaged(options: EvaluateOptions): Promise<Evaluation> {
  const { nix, names, cacheDir, taken } = options;
  const stage = await stageProject(options);
  const key = await keyOf(stage, options);
  const known = recallEvaluation(cacheDir, key);
  if (known !== undefined) return known;
  const context: EvalContext = {
    nix,
    network: await checkNetwork(nix),
    stage: stage.path,
    emit: options.emit,
    signal: options.signal,
    onStart: options.onStart,
  };
  const attributes = attributesOf(names);
  const byParts = taken === undefined && options.parts && (await evaluateByParts(options.parts, options, context));
  const made = byParts || (await evaluateWhole(options, context, attributes));
  const evaluation = collect(made.parts);
  if (made.isWhole)
    rememberEvaluation(cacheDir, made.stage === undefined ? key : await keyOf(made.stage, options), evaluation);
  return evaluation;
}

async function keyOf({ hash }: Stage, { nix, names, taken, signal }: EvaluateOptions): Promise<string> {
  return evaluationKey(hash, nix.version, names, await takenOverKey(taken, signal));
}

interface Made {
  readonly parts: readonly Part[];
  /** All of it is from one evaluation of the flake as it is. */
  readonly isWhole: boolean;
  /** The snapshot, if it changed meanwhile. */
  readonly stage?: Stage;
}

async function evaluateWhole(
  options: EvaluateOptions,
  context: EvalContext,
  attributes: readonly FleetAttribute[],
): Promise<Made> {
  const ofFlake = async (): Promise<EvalContext> => inExistingFlake(context, options.taken);
  const parts = await evaluateTogether(await ofFlake(), attributes);
  if (parts !== "needs lock") return { parts, isWhole: true };
  await lockProject({ ...context, root: options.root });
  const stage = await stageProject(options);
  const again = await evaluateTogether(await ofFlake(), attributes);
  if (again === "needs lock") throw new NixError("Cannot evaluate the flake: nix asks for changes of flake.lock again");
  return { parts: again, isWhole: true, stage };
}

/**
 * Evaluates only what something changed for (`parts.ts`), and keeps what it finds for the next time. Undefined when that cannot be:
 * there is no flake.lock yet, the flake as a whole does not evaluate, or a machine reads the flake's `self` of which that was not known.
 */
async function evaluateByParts(
  { ownFiles, readSelf, inputFolders }: PartsOptions,
  { root, nix, names, cacheDir, located }: EvaluateOptions,
  context: EvalContext,
): Promise<Made | undefined> {
  const stage = lastStage(root);
  if (stage === undefined) return undefined;
  const { files } = stage;
  const flake = located?.hash === stage.hash ? located.flake : undefined;
  const cache = openPartCache(cacheDir, partHashes(context.stage, files, ownFiles, inputFolders), nix.version);
  const attributes = attributesOf(names);
  const found = new Map(attributes.map((attribute) => [attribute, cache.recall(attribute)]));
  const missing = attributes.filter((attribute) => found.get(attribute) === undefined);
  const isWatched = ({ group, name }: FleetAttribute) => !readSelf.includes(`${group}/${name}`);
  const watch = watchSelf(context.emit);
  const evaluated = await evaluateWatched({ ...context, emit: watch.emit }, missing.filter(isWatched), flake);
  if (evaluated === undefined || watch.seen()) return undefined;
  if (evaluated.length > 0) cache.remember(evaluated);
  const plain = missing.filter((attribute) => !isWatched(attribute));
  const others = plain.length === 0 ? [] : await evaluateTogether(context, plain);
  if (others === "needs lock") return undefined;
  const fresh = new Map([...evaluated, ...others]);
  const parts = attributes.map((attribute): Part => {
    const value = found.get(attribute);
    return [attribute, value === undefined ? (fresh.get(attribute) as AnyEvaluated) : { ok: true, value }];
  });
  return { parts, isWhole: missing.length === attributes.length };
}

async function evaluateWatched(
  context: EvalContext,
  attributes: readonly FleetAttribute[],
  known: string | undefined,
): Promise<readonly Part[] | undefined> {
  if (attributes.length === 0) return [];
  const watched = known ?? (await lockedFlake(context));
  if (watched === undefined) return undefined;
  try {
    const parts = await evaluateTogether({ ...context, watched }, attributes);
    return parts === "needs lock" ? undefined : parts;
  } catch (error) {
    if (error instanceof NixError) return undefined;
    throw error;
  }
}

/** Shares the parts out to some processes. What fails in one does not concern the others. */
async function evaluateTogether(
  context: EvalContext,
  attributes: readonly FleetAttribute[],
): Promise<readonly Part[] | "needs lock"> {
  const { processes, atOnce, heapBytes } = sharingOut(attributes.length);
  const shares = Array.from({ length: processes }, (_, index) =>
    attributes.filter((_, at) => at % processes === index),
  );
  const first = await mapLimit(shares, atOnce, (share) => evalFloe({ ...context, heapBytes }, fleetExpression(share)));
  if (first.some(needsLock)) return "needs lock";
  const again: EvalContext = { ...context, emit: withoutMessages(context.emit) };
  const parts = await Promise.all(
    first.map((result, index) => {
      const share = shares[index] as FleetAttribute[];
      return result.ok ? complete(again, share, result.value) : evaluateEachAlone(again, share, result);
    }),
  );
  const byAttribute = new Map(parts.flat());
  return attributes.map((attribute) => [attribute, byAttribute.get(attribute) as AnyEvaluated]);
}

/** Takes the answer for several parts, in which `null` stands for a failure, and asks those alone for their errors. */
async function complete(context: EvalContext, attributes: readonly FleetAttribute[], value: unknown): Promise<Part[]> {
  const found = attributes.map((attribute) => decode(attribute, valueAt(value, attribute)));
  const missing = attributes.filter((_, index) => found[index] === undefined);
  const alone = new Map(
    await mapLimit(
      missing,
      parallelism(missing.length),
      async (attribute) => [attribute, await evaluateAlone(context, attribute)] as const,
    ),
  );
  return attributes.map((attribute, index) => [attribute, found[index] ?? (alone.get(attribute) as AnyEvaluated)]);
}

/** For failures that Nix cannot catch (a missing attribute, a wrong type, a syntax error), which end the whole evaluation. */
async function evaluateEachAlone(
  context: EvalContext,
  attributes: readonly FleetAttribute[],
  together: EvalResult & { ok: false },
): Promise<Part[]> {
  const probe = await evalFloe(context, namesExpression());
  if (!probe.ok) throw flakeError(context, probe);
  const [only] = attributes;
  // It was alone already.
  if (only !== undefined && attributes.length === 1) return [[only, toEvaluated(only, together)]];
  const results = await mapLimit(attributes, parallelism(attributes.length), async (attribute) => ({
    attribute,
    result: await evalFloe(context, aloneExpression(attribute)),
  }));
  const shared = sharedFailure(results.map(({ result }) => result));
  if (shared !== undefined) throw flakeError(context, shared);
  return results.map(({ attribute, result }) => [attribute, toEvaluated(attribute, result)]);
}

async function evaluateAlone(context: EvalContext, attribute: FleetAttribute): Promise<AnyEvaluated> {
  return toEvaluated(attribute, await evalFloe(context, aloneExpression(attribute)));
}

/**
 * The one failure behind all: several parts, none good, each with the same words at the same place. What the module system says is about
 * an option, which each part has for itself.
 */
function sharedFailure(results: readonly EvalResult[]): (EvalResult & { ok: false }) | undefined {
  const failures = results.flatMap((result) => (result.ok ? [] : [result]));
  if (failures.some(({ error }) => error.cause !== undefined && error.cause.meaning.kind !== "other")) return undefined;
  const places = new Set(failures.map(({ error }) => [error.message, error.file, error.line].join("\n")));
  return failures.length > 1 && failures.length === results.length && places.size === 1 ? failures[0] : undefined;
}

type AnyEvaluated = Evaluated<Derivation | ImageDerivations>;
type Part = readonly [FleetAttribute, AnyEvaluated];

function toEvaluated(attribute: FleetAttribute, result: EvalResult): AnyEvaluated {
  if (!result.ok) return { ok: false, error: result.error };
  return (
    decode(attribute, result.value) ?? {
      ok: false,
      error: {
        message: `Nix answered with something else than a derivation: ${JSON.stringify(result.value)}`,
        log: "",
      },
    }
  );
}

function valueAt(value: unknown, { group, name }: FleetAttribute): unknown {
  const members = isRecord(value) ? value[group] : undefined;
  return isRecord(members) ? members[name] : undefined;
}

function decode({ group }: FleetAttribute, value: unknown): AnyEvaluated | undefined {
  if (!isRecord(value)) return undefined;
  const result = group === "images" ? decodeImage(value) : decodeDerivation(value);
  return result === undefined ? undefined : { ok: true, value: result };
}

function decodeImage(value: Record<string, unknown>): ImageDerivations | undefined {
  const rootfs = decodeDerivation(value["rootfs"]);
  const metadata = decodeDerivation(value["metadata"]);
  if (rootfs === undefined || metadata === undefined) return undefined;
  const root = decodeDerivation(value["root"]);
  const toplevel = decodeDerivation(value["toplevel"]);
  return { rootfs, metadata, ...(root && toplevel ? { inPlace: { root, toplevel } } : {}) };
}

function decodeDerivation(value: unknown): Derivation | undefined {
  if (!isRecord(value) || typeof value["drv"] !== "string" || typeof value["out"] !== "string") return undefined;
  return { drvPath: value["drv"], outPath: value["out"] };
}

function collect(results: readonly Part[]): Evaluation {
  const of = (group: FleetAttribute["group"]) =>
    Object.fromEntries(
      results.filter(([attribute]) => attribute.group === group).map(([{ name }, result]) => [name, result]),
    );
  return {
    hosts: of("hosts"),
    images: of("images"),
    shells: of("shells"),
    ...(results.some(([{ group }]) => group === "homes") ? { homes: of("homes") } : {}),
  } as Evaluation;
}

/** The first evaluation said its warnings already. */
function withoutMessages(emit: Emit): Emit {
  return (event) => void (event.type !== "message" && emit(event));
}
