/** Asks nix for the whole fleet at once, and keeps one part's failure from the others. */
import { availableParallelism, freemem } from "node:os";
import { join } from "node:path";
import type { Derivation, Evaluated, Evaluation, ImageDerivations } from "../model/evaluation.ts";
import type { Emit } from "../report/events.ts";
import { withFileLock } from "../util/file-lock.ts";
import { isRecord } from "../util/files.ts";
import { mapLimit } from "../util/map-limit.ts";
import { type EvalContext, type EvalResult, evalFloe, flakeError } from "./eval.ts";
import { evaluationKey, type FleetNames, recallEvaluation, rememberEvaluation } from "./evaluation-cache.ts";
import type { NixTool } from "./find.ts";
import { lockProject, needsLock } from "./lock.ts";
import { checkNetwork } from "./network.ts";
import { aloneExpression, attributesOf, type FleetAttribute, fleetExpression, namesExpression } from "./select.ts";
import { type Stage, sayWaiting, stageProject } from "./stage.ts";

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
}

/** Memory that the evaluation of one NixOS takes, in bytes; decides how many run at once. */
const BYTES_PER_EVALUATION = 600 * 1024 * 1024;

/**
 * Evaluates the fleet: stages the project, and answers from the cache when the same was evaluated before, without starting nix. Otherwise
 * one `nix eval` asks for everything; what fails is then evaluated alone for its error. flake.lock is brought up to date when it must be.
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
  const { nix, names, cacheDir } = options;
  const stage = await stageProject(options);
  const known = recallEvaluation(cacheDir, evaluationKey(stage.hash, nix.version, names));
  if (known !== undefined) return known;
  const context: EvalContext = {
    nix,
    network: await checkNetwork(nix),
    stage: stage.path,
    emit: options.emit,
    signal: options.signal,
  };
  const first = await evalFloe(context, fleetExpression(names));
  const { result, hash } = needsLock(first)
    ? await lockAndRetry(options, context)
    : { result: first, hash: stage.hash };
  const again: EvalContext = { ...context, emit: withoutMessages(options.emit) };
  const evaluation = result.ok ? await complete(again, names, result.value) : await evaluateEachAlone(again, names);
  rememberEvaluation(cacheDir, evaluationKey(hash, nix.version, names), evaluation);
  return evaluation;
}

async function lockAndRetry(
  options: EvaluateOptions,
  context: EvalContext,
): Promise<{ result: EvalResult; hash: string }> {
  await lockProject({ ...context, root: options.root });
  const stage: Stage = await stageProject(options);
  return { result: await evalFloe(context, fleetExpression(options.names)), hash: stage.hash };
}

/** Takes the answer for the whole fleet, in which `null` stands for a failure, and asks those alone for their errors. */
async function complete(context: EvalContext, names: FleetNames, value: unknown): Promise<Evaluation> {
  const attributes = attributesOf(names);
  const found = attributes.map((attribute) => decode(attribute, valueAt(value, attribute)));
  const missing = attributes.filter((_, index) => found[index] === undefined);
  const alone = new Map(
    await mapLimit(
      missing,
      parallelism(missing.length),
      async (attribute) => [attribute, await evaluateAlone(context, attribute)] as const,
    ),
  );
  return collect(
    attributes.map((attribute, index) => [attribute, found[index] ?? (alone.get(attribute) as AnyEvaluated)]),
  );
}

/** For failures that Nix cannot catch (a missing attribute, a wrong type, a syntax error), which end the whole evaluation. */
async function evaluateEachAlone(context: EvalContext, names: FleetNames): Promise<Evaluation> {
  const probe = await evalFloe(context, namesExpression());
  if (!probe.ok) throw flakeError(context, probe);
  const attributes = attributesOf(names);
  const results = await mapLimit(attributes, parallelism(attributes.length), async (attribute) => ({
    attribute,
    result: await evalFloe(context, aloneExpression(attribute)),
  }));
  const shared = sharedFailure(results.map(({ result }) => result));
  if (shared !== undefined) throw flakeError(context, shared);
  return collect(results.map(({ attribute, result }) => [attribute, toEvaluated(attribute, result)]));
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
  return rootfs && metadata ? { rootfs, metadata } : undefined;
}

function decodeDerivation(value: unknown): Derivation | undefined {
  if (!isRecord(value) || typeof value["drv"] !== "string" || typeof value["out"] !== "string") return undefined;
  return { drvPath: value["drv"], outPath: value["out"] };
}

function collect(results: readonly (readonly [FleetAttribute, AnyEvaluated])[]): Evaluation {
  const of = (group: FleetAttribute["group"]) =>
    Object.fromEntries(
      results.filter(([attribute]) => attribute.group === group).map(([{ name }, result]) => [name, result]),
    );
  return { hosts: of("hosts"), images: of("images"), shells: of("shells") } as Evaluation;
}

/** The first evaluation said its warnings already. */
function withoutMessages(emit: Emit): Emit {
  return (event) => void (event.type !== "message" && emit(event));
}

function parallelism(count: number): number {
  return Math.max(1, Math.min(count, availableParallelism(), Math.floor(freemem() / BYTES_PER_EVALUATION)));
}
