/** What newer inputs would mean, found out in a copy of the project: nothing of the project is touched. */
import { join } from "node:path";
import { FloeError, NixError, UsageError } from "../errors.ts";
import type { Derivation, Evaluation } from "../model/evaluation.ts";
import type { FlakeInput } from "../model/fleet.ts";
import type { Problem } from "../model/plan.ts";
import { evaluationProblem } from "../model/problems.ts";
import type { NixTool } from "../nix/find.ts";
import type { Emit } from "../report/events.ts";
import { inPhase } from "../report/in-phase.ts";
import { defined } from "../util/defined.ts";
import { readText, writeFileWhole } from "../util/files.ts";
import { mapLimit } from "../util/map-limit.ts";
import { nearest } from "../util/nearest.ts";
import { commitsBetween } from "./commits.ts";
import { type FlakeLock, readFlakeLock } from "./flake-lock.ts";
import { type InputChange, movedInputs, toChange } from "./input-changes.ts";
import { type OldInput, oldInputs } from "./old-inputs.ts";
import { changedPackages, systemOf } from "./part-packages.ts";
import { bothSides, outcomeOf, type PartBoth, type PartChange } from "./parts.ts";
import { type SecondNixpkgs, secondNixpkgs } from "./second-nixpkgs.ts";
import { findUses } from "./second-uses.ts";

/** Plain data; the texts of both locks are what may be kept, and gone back to. */
export interface ProposedUpdate {
  /** Those that were asked for, or all. */
  readonly asked: readonly string[];
  readonly inputs: readonly InputChange[];
  /** Empty when no input changed: then nothing has to be looked at. */
  readonly parts: readonly PartChange[];
  /** What stands in the way of keeping it: parts that evaluated, or were built, before and no longer are. */
  readonly problems: readonly Problem[];
  readonly old: readonly OldInput[];
  readonly second: readonly SecondNixpkgs[];
  readonly lock: {
    /** Undefined: there was no flake.lock. */
    readonly before: string | undefined;
    readonly after: string;
  };
}

/** A derivation of a part. */
export interface ToBuild extends Derivation {
  /** A file's name, unlike any other's. */
  readonly name: string;
  /** `host crown`. */
  readonly subject: string;
  /** False: as it was before; whether that can be built stands in the way of nothing. */
  readonly isNew: boolean;
}

export interface ProposeRequest {
  /** A copy of the project, which may be written to. */
  readonly copy: string;
  readonly declared: Readonly<Record<string, FlakeInput>>;
  /** Empty: all. */
  readonly names: readonly string[];
  readonly language: "typescript" | "nix";
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly nix: NixTool;
  /** Brings these inputs up to date in the copy, or where none is locked yet, locks all. @throws NixError */
  readonly update: (names: readonly string[]) => Promise<unknown>;
  /** The copy as it is. @throws NixError when the flake as a whole does not evaluate */
  readonly evaluate: () => Promise<Evaluation>;
  /** What these nixpkgs of the copy's flake.lock build with, by their paths; those that do not evaluate are left out. @throws NixError */
  readonly stdenvs: (paths: readonly string[]) => Promise<ReadonlyMap<string, readonly string[]>>;
  /** Builds what is missing; answers what is wrong. Absent: nothing is built. */
  readonly build?: ((derivations: readonly ToBuild[]) => Promise<Problem[]>) | undefined;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

/** @throws UsageError for a name that is no input; NixError when one cannot be fetched; CancelledError */
export async function proposeUpdate(request: ProposeRequest): Promise<ProposedUpdate> {
  const { copy, names, language, now, signal } = request;
  const file = join(copy, "flake.lock");
  const before = readText(file);
  const old = before === undefined ? undefined : readFlakeLock(before);
  // What a flake.nix that floe does not read asks for is known once it is locked, and then all of it is new.
  const isUnknown = old === undefined && language === "nix";
  const wanted = isUnknown ? [] : inputsToUpdate(names, old, request.declared);
  if (wanted.length === 0 && !isUnknown) throw nothingToUpdate(request.declared);
  await inPhase("update", request, () => request.update(wanted));
  const after = readText(file) ?? "";
  const fresh = readFlakeLock(after);
  if (fresh === undefined) throw new FloeError("Nix left no flake.lock that floe can read");
  const asked = isUnknown ? inputsToUpdate(names, fresh, request.declared) : wanted;
  if (asked.length === 0) throw nothingToUpdate(request.declared);
  const moved = movedInputs(old, fresh);
  const [inputs, compared] = await Promise.all([
    mapLimit(moved, 4, async (one) => toChange(one, await commitsBetween(one, { signal }))),
    moved.length === 0 ? undefined : compareParts(request, { before, after }),
  ]);
  const second = await usedSecond(fresh, request, compared?.evaluation);
  return {
    asked,
    inputs,
    parts: compared?.parts ?? [],
    problems: compared?.problems ?? [],
    old: oldInputs(fresh, new Set(asked), now),
    second,
    lock: { before, after },
  };
}

// --- internal ---

/** @throws UsageError */
function inputsToUpdate(
  names: readonly string[],
  lock: FlakeLock | undefined,
  declared: Readonly<Record<string, FlakeInput>>,
): string[] {
  const urls = Object.entries(declared).flatMap(([name, input]) => (input.kind === "url" ? [name] : []));
  const own = lock?.own.map(({ path }) => path) ?? [];
  // One that flake.nix no longer has is still in the lock until nix looks at it.
  const known = [...new Set([...own.filter((name) => urls.length === 0 || urls.includes(name)), ...urls])].sort();
  for (const name of names) {
    if (known.includes(name) || lock?.all.some(({ path }) => path === name)) continue;
    throw unknownInput(name, known, lock, declared);
  }
  const follows = lock?.follows ?? new Map<string, string>();
  return names.length > 0 ? [...new Set(names)] : known.filter((name) => !follows.has(name));
}

function unknownInput(
  name: string,
  known: readonly string[],
  lock: FlakeLock | undefined,
  declared: Readonly<Record<string, FlakeInput>>,
): UsageError {
  const followed = lock?.follows.get(name);
  if (followed !== undefined)
    return new UsageError(`The input "${name}" follows "${followed}" and has no revision of its own`, {
      hint: `floe update ${followed}`,
    });
  if (declared[name]?.kind === "path")
    return new UsageError(`The input "${name}" is a folder of the project: it is always as it is on disk`, {
      hint: known.length === 0 ? undefined : `Inputs that can be updated: ${known.join(", ")}`,
    });
  const near = nearest(name, [...known, ...(lock?.all.map(({ path }) => path) ?? [])]);
  return new UsageError(`There is no input "${name}"`, {
    hint: near === undefined ? `Inputs: ${known.join(", ") || "none"}` : `Did you mean ${near}?`,
  });
}

function nothingToUpdate(declared: Readonly<Record<string, FlakeInput>>): FloeError {
  const folders = Object.keys(declared);
  return new FloeError("There is no input to update", {
    hint:
      folders.length === 0
        ? "The flake has no inputs"
        : `${folders.join(", ")}: folders of the project are always as they are on disk`,
  });
}

/** Both evaluations are of the copy: with the old lock, then with the new one. */
async function compareParts(
  request: ProposeRequest,
  { before, after }: { readonly before: string | undefined; readonly after: string },
): Promise<Pick<ProposedUpdate, "parts" | "problems"> & { readonly evaluation: Evaluation | NixError }> {
  const file = join(request.copy, "flake.lock");
  if (before !== undefined) writeFileWhole(file, before);
  const old = before === undefined ? undefined : await evaluateWhole(request);
  writeFileWhole(file, after);
  const fresh = await evaluateWhole(request);
  if (fresh instanceof NixError) return { parts: [], problems: [flakeProblem(fresh)], evaluation: fresh };
  const both = bothSides(old, fresh);
  const problems = brokenParts(both);
  const failed = problems.length === 0 ? ((await request.build?.(toBuild(both))) ?? []) : [];
  const parts = await mapLimit(both, 2, (part) => toPart(part, request));
  return { parts, problems: [...problems, ...failed], evaluation: fresh };
}

/** Only where the lock has a second nixpkgs is anything more asked. `known`: what was evaluated with the new lock. */
async function usedSecond(
  lock: FlakeLock,
  request: ProposeRequest,
  known: Evaluation | NixError | undefined,
): Promise<readonly SecondNixpkgs[]> {
  const second = secondNixpkgs(lock, request.language);
  if (second.length === 0) return second;
  const evaluation = known ?? (await evaluateWhole(request));
  return evaluation instanceof NixError
    ? second
    : findUses(second, { lock, parts: bothSides(undefined, evaluation), stdenvs: request.stdenvs });
}

/** A flake that does not evaluate as a whole is an answer too: an update may break it, or mend it. */
async function evaluateWhole({ evaluate, signal }: ProposeRequest): Promise<Evaluation | NixError> {
  try {
    return await evaluate();
  } catch (error) {
    if (signal.aborted || !(error instanceof NixError)) throw error;
    return error;
  }
}

function flakeProblem({ message, hint, details }: NixError): Problem {
  const trace = details["stderr"];
  return { subject: "the flake", message, ...defined({ hint }), ...(typeof trace === "string" ? { trace } : {}) };
}

function brokenParts(both: readonly PartBoth[]): Problem[] {
  return both.flatMap((part) => {
    if (part.after.ok || outcomeOf(part) !== "broken") return [];
    return [evaluationProblem(`${part.kind} ${part.name}`, part.after.error)];
  });
}

/** All of what is new, and of what was before the systems: only then all of their packages can be compared. */
function toBuild(both: readonly PartBoth[]): ToBuild[] {
  return both.flatMap((part) => {
    const { kind, name, before, after } = part;
    if (!after.ok || outcomeOf(part) === "same") return [];
    const old = kind !== "shell" && before?.ok === true ? systemOf(kind, before.value.main) : undefined;
    const named = { subject: `${kind} ${name}`, name: `${kind}-${name}` };
    return [
      ...after.value.all.map((derivation, index) => ({
        ...derivation,
        ...named,
        name: `${named.name}-${index + 1}`,
        isNew: true,
      })),
      ...(old === undefined ? [] : [{ ...old, ...named, name: `${named.name}-before`, isNew: false }]),
    ];
  });
}

async function toPart(part: PartBoth, { nix, signal }: ProposeRequest): Promise<PartChange> {
  const { kind, name, before, after } = part;
  const outcome = outcomeOf(part);
  if (!after.ok) return { kind, name, outcome, error: after.error };
  if (outcome !== "changed" || before?.ok !== true) return { kind, name, outcome };
  const packages = await changedPackages(kind, before.value.main, after.value.main, { nix, signal });
  return { kind, name, outcome, ...packages };
}
