/** `floe check`: types, generated files and evaluation, with all problems in one report. Writes nothing into the project but caches. */
import { loadWithPlaces } from "../diagnose/diagnose.ts";
import { ConfigError, FloeError, SynthError } from "../errors.ts";
import { partsOf } from "../model/evaluation.ts";
import type { Fleet } from "../model/fleet.ts";
import type { Problem } from "../model/plan.ts";
import { evaluationProblems } from "../model/problems.ts";
import { isWritten, writtenPart } from "../model/taken-over.ts";
import {
  allNames,
  compareFiles,
  type FileDifferences,
  type FlakeFiles,
  isCurrent,
  load,
  lookAhead,
  type Project,
  readGenerated,
  refreshTypes,
  synthFlake,
  type TryOptions,
  tryEvaluate,
  type Work,
  wrongValues,
} from "../pipeline.ts";
import { defined } from "../util/defined.ts";
import { checkTypes, type TypeCheck } from "./types.ts";
import { wholeTreeNotes } from "./whole-tree.ts";

export interface CheckReport {
  readonly ok: boolean;
  readonly types: TypeCheck;
  /** Null when the project does not load. */
  readonly files: FileDifferences | null;
  /** How many hosts, images, homes and shells evaluate and do not; null when it did not come to that. */
  readonly evaluated: {
    readonly good: number;
    readonly bad: number;
    /** How many of them are homes; absent where there are none. */
    readonly homes?: number;
  } | null;
  /** Everything that is wrong. `subject` begins with `types`, `project`, `files`, `host`, `container`, `home`, `shell` or `flake`. */
  readonly problems: readonly Problem[];
  /** What is not wrong, but worth knowing: machines that are new with every commit. */
  readonly notes: readonly Problem[];
  readonly ms: number;
}

export async function checkProject(project: Project, work: Work): Promise<CheckReport> {
  const started = performance.now();
  const ahead = lookAhead(project, work);
  const loaded = await loadAndSynth(project, work);
  const located = await ahead;
  const stale = "problems" in loaded ? [] : await refresh(loaded, work);
  const [types, rest] = await Promise.all([
    checkTypes(project.root, project.configFile, work.signal),
    "problems" in loaded ? loaded : checkFleet(loaded, located, work),
  ]);
  // What tsc and nix both find is told once, in the words of nix: it names the nearest option.
  const ofTypes = types.ran ? types.problems.filter((problem) => !isToldBy(rest.problems, problem)) : [];
  const problems = [...ofTypes, ...rest.problems];
  return {
    ok: problems.length === 0,
    types,
    files: rest.files,
    evaluated: rest.evaluated,
    problems,
    notes: [...stale, ...rest.notes],
    ms: Math.round(performance.now() - started),
  };
}

// --- internal ---

type FleetCheck = Pick<CheckReport, "files" | "evaluated" | "problems" | "notes">;

/** A project that loads, and its flake files as they should be and as they are. */
interface Loaded {
  readonly fleet: Fleet;
  readonly wanted: FlakeFiles;
  readonly files: FileDifferences;
}

async function loadAndSynth(project: Project, work: Work): Promise<Loaded | FleetCheck> {
  try {
    const fleet = await load(project, work);
    const wanted = await synthFlake(fleet);
    return { fleet, wanted, files: compareFiles(wanted, await readGenerated(fleet.root, wanted)) };
  } catch (error) {
    if (error instanceof ConfigError || error instanceof SynthError)
      return { files: null, evaluated: null, problems: problemsOf(error), notes: [] };
    throw error;
  }
}

/** tsc shall judge by the options there are now. Without them it still judges the rest. */
async function refresh({ fleet, wanted, files }: Loaded, work: Work): Promise<Problem[]> {
  // Where nothing is described in TypeScript nobody asks for types.
  if (!hasMachines(fleet) || (fleet.flake !== undefined && !isWritten(writtenPart(fleet)))) return [];
  try {
    await refreshTypes(fleet, isCurrent(files) ? {} : { files: wanted }, work);
    return [];
  } catch (error) {
    if (!(error instanceof FloeError) || error.exitCode === 130) throw error;
    return [
      { subject: "types", message: "The options cannot be read now, so those known before were checked against" },
    ];
  }
}

function hasMachines({ hosts, containers, homes = {} }: Fleet): boolean {
  return [hosts, containers, homes].some((group) => Object.keys(group).length > 0);
}

async function checkFleet(
  { fleet, wanted, files }: Loaded,
  located: TryOptions["located"],
  work: Work,
): Promise<FleetCheck> {
  let onStart = (): void => {};
  const started = new Promise<void>((resolve) => {
    onStart = resolve;
  });
  const options = { files: isCurrent(files) ? undefined : wanted, located, onStart };
  const evaluating = checkEvaluation(fleet, work, options);
  // The options are much to read: nix shall be at work meanwhile.
  await Promise.race([started, evaluating]);
  const [evaluated, values, notes] = await Promise.all([evaluating, wrongValues(fleet), notesOn(fleet)]);
  return {
    files,
    evaluated: evaluated.counts,
    problems: [
      ...fileProblems(files),
      ...values,
      ...evaluated.problems.filter((problem) => !isToldBy(values, problem)),
    ],
    notes,
  };
}

/** Lines are only known after a second load, which is only made when there is something to tell. */
async function notesOn(fleet: Fleet): Promise<Problem[]> {
  const notes = await wholeTreeNotes(fleet);
  const placed = notes.length === 0 ? undefined : await loadWithPlaces(fleet.root);
  return placed === undefined ? notes : wholeTreeNotes(placed);
}

/** The TypeScript is what counts: where the files on disk are old, a copy with the right ones is evaluated. */
async function checkEvaluation(
  fleet: Fleet,
  work: Work,
  options: TryOptions,
): Promise<{ counts: CheckReport["evaluated"]; problems: Problem[] }> {
  try {
    const evaluation = await tryEvaluate(fleet, allNames(fleet), work, options);
    const parts = partsOf(evaluation);
    const bad = parts.filter(({ ok }) => !ok).length;
    const homes = Object.keys(evaluation.homes ?? {}).length;
    const counts = { good: parts.length - bad, bad, ...(homes === 0 ? {} : { homes }) };
    return { counts, problems: evaluationProblems(evaluation) };
  } catch (error) {
    if (!(error instanceof FloeError) || error.exitCode === 130) throw error;
    return {
      counts: null,
      problems: [{ subject: "flake", message: error.message, ...defined({ hint: error.hint, ...error.at }) }],
    };
  }
}

/** Whether another problem is at the same place. */
function isToldBy(others: readonly Problem[], { file, line, column }: Problem): boolean {
  return (
    file !== undefined && others.some((other) => other.file === file && other.line === line && other.column === column)
  );
}

function fileProblems({ missing, changed, stale, foreign }: FileDifferences): Problem[] {
  const old = [...missing, ...changed, ...stale];
  const outdated: Problem = {
    subject: "files",
    message: `Not what the TypeScript says: ${old.join(", ")}`,
    hint: "floe synth writes them",
  };
  return [
    ...(old.length === 0 ? [] : [outdated]),
    ...foreign.map((file) => ({
      subject: "files",
      message: `"${file}" is in the way: floe did not write it`,
      file,
      hint: "Move it away",
    })),
  ];
}

function problemsOf(error: FloeError): Problem[] {
  const listed = error.details["problems"];
  const problems = Array.isArray(listed)
    ? (listed as Problem[])
    : [{ message: error.message, ...defined({ hint: error.hint, ...error.at }) }];
  return problems.map((problem) => ({ ...problem, subject: "project" }));
}
