/** `floe check`: types, generated files and evaluation, with all problems in one report. Writes nothing into the project but caches. */
import { loadWithPlaces } from "../diagnose/diagnose.ts";
import { ConfigError, FloeError, SynthError } from "../errors.ts";
import type { Evaluated } from "../model/evaluation.ts";
import type { Fleet } from "../model/fleet.ts";
import type { Problem } from "../model/plan.ts";
import { evaluationProblems } from "../model/problems.ts";
import {
  allNames,
  compareFiles,
  evaluate,
  evaluateCopy,
  type FileDifferences,
  type FlakeFiles,
  isCurrent,
  load,
  type Project,
  readGenerated,
  synthFlake,
  type Work,
} from "../pipeline.ts";
import { defined } from "../util/defined.ts";
import { checkTypes, type TypeCheck } from "./types.ts";
import { wholeTreeNotes } from "./whole-tree.ts";

export interface CheckReport {
  readonly ok: boolean;
  readonly types: TypeCheck;
  /** Null when the project does not load. */
  readonly files: FileDifferences | null;
  /** How many hosts, images and shells evaluate and do not; null when it did not come to that. */
  readonly evaluated: { readonly good: number; readonly bad: number } | null;
  /** Everything that is wrong. `subject` begins with `types`, `project`, `files`, `host`, `container`, `shell` or `flake`. */
  readonly problems: readonly Problem[];
  /** What is not wrong, but worth knowing: machines that are new with every commit. */
  readonly notes: readonly Problem[];
  readonly ms: number;
}

export async function checkProject(project: Project, work: Work): Promise<CheckReport> {
  const started = performance.now();
  const [types, rest] = await Promise.all([
    checkTypes(project.root, project.configFile, work.signal),
    checkFleet(project, work),
  ]);
  const problems = [...(types.ran ? types.problems : []), ...rest.problems];
  return {
    ok: problems.length === 0,
    types,
    files: rest.files,
    evaluated: rest.evaluated,
    problems,
    notes: rest.notes,
    ms: Math.round(performance.now() - started),
  };
}

// --- internal ---

type FleetCheck = Pick<CheckReport, "files" | "evaluated" | "problems" | "notes">;

async function checkFleet(project: Project, work: Work): Promise<FleetCheck> {
  let fleet: Fleet;
  let wanted: FlakeFiles;
  try {
    fleet = await load(project, work);
    wanted = await synthFlake(fleet);
  } catch (error) {
    if (error instanceof ConfigError || error instanceof SynthError)
      return { files: null, evaluated: null, problems: problemsOf(error), notes: [] };
    throw error;
  }
  const files = compareFiles(wanted, await readGenerated(fleet.root, wanted));
  const evaluated = await checkEvaluation(fleet, wanted, isCurrent(files), work);
  return {
    files,
    evaluated: evaluated.counts,
    problems: [...fileProblems(files), ...evaluated.problems],
    notes: await notesOn(fleet),
  };
}

/** Lines are only known after a second load, which is only made when there is something to tell. */
async function notesOn(fleet: Fleet): Promise<Problem[]> {
  const notes = wholeTreeNotes(fleet);
  const placed = notes.length === 0 ? undefined : await loadWithPlaces(fleet.root);
  return placed === undefined ? notes : wholeTreeNotes(placed);
}

/** The TypeScript is what counts: where the files on disk are old, a copy with the right ones is evaluated. */
async function checkEvaluation(
  fleet: Fleet,
  wanted: FlakeFiles,
  isWritten: boolean,
  work: Work,
): Promise<{ counts: CheckReport["evaluated"]; problems: Problem[] }> {
  try {
    const evaluation = isWritten
      ? await evaluate(fleet, allNames(fleet), work)
      : await evaluateCopy(fleet, wanted, allNames(fleet), work);
    const parts = [evaluation.hosts, evaluation.images, evaluation.shells].flatMap((group) =>
      Object.values<Evaluated<unknown>>(group),
    );
    const bad = parts.filter(({ ok }) => !ok).length;
    return { counts: { good: parts.length - bad, bad }, problems: evaluationProblems(evaluation) };
  } catch (error) {
    if (!(error instanceof FloeError) || error.exitCode === 130) throw error;
    return {
      counts: null,
      problems: [{ subject: "flake", message: error.message, ...defined({ hint: error.hint, ...error.at }) }],
    };
  }
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
