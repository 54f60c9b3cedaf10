/**
 * What floe does with a fleet, as its table of contents:
 *
 *     load → synth → write → stage → evaluate → observe → plan → apply → report
 *
 * Each step is one function whose result is plain data. Exported as "floe/pipeline"; the command line uses nothing else.
 * What an unchanged project does not need is imported where it is used: reading code is most of the time that a `plan` takes.
 */
import { join } from "node:path";
import type { BuiltImage } from "./apply/images.ts";
import type { PrunedImage } from "./apply/prune-images.ts";
import type { RollbackInput, RollbackPlan } from "./apply/rollback.ts";
import type { PowerAction, PowerResult } from "./apply/set-power.ts";
import type { SnapshotInput } from "./apply/snapshots.ts";
import type { Side } from "./ci/compare.ts";
import type { Comparison } from "./ci/comparison.ts";
import { locator } from "./config/locator.ts";
import { type Project, projectIn } from "./config/project-above.ts";
import { openTrace, recallFleet, rememberFleet } from "./config/recall.ts";
import type { ToolingFleet } from "./config/recall-tooling.ts";
import { CancelledError, FloeError, StateError, SynthError } from "./errors.ts";
import type { FormatRequest } from "./format/format-files.ts";
import type { ToolsReport } from "./format/run-tools.ts";
import type { Graph, GraphSelection } from "./graph/graph.ts";
import type { IncusClient } from "./incus/types.ts";
import { type Derivation, type Evaluation, type ImageDerivations, partsOf } from "./model/evaluation.ts";
import {
  builtContainers,
  type Dashboard,
  type Fleet,
  type Instance,
  instancesOf,
  type Nightly,
} from "./model/fleet.ts";
import type { DriftMode, Plan, Problem } from "./model/plan.ts";
import { takenOver } from "./model/taken-over.ts";
import type { Outcome as ApplyOutcome, Summary } from "./nightly/summary.ts";
import type { UnitFiles } from "./nightly/units.ts";
import type { Asking, AskOptions } from "./nix/ask.ts";
import type { BuildOutcome, BuildRequest } from "./nix/build.ts";
import type { EvaluateOptions } from "./nix/evaluate.ts";
import { evaluationKey, type FleetNames, recallEvaluation as readEvaluation } from "./nix/evaluation-cache.ts";
import { findNix } from "./nix/find.ts";
import { imageFile } from "./nix/image-file.ts";
import { takenOverKey } from "./nix/source-revision.ts";
import { lastStage, type Stage, sayWaiting, splitStage, stageProject } from "./nix/stage.ts";
import type { openSystems } from "./nix/systems.ts";
import type { Updated } from "./nix/update.ts";
import type { StepTimes } from "./plan/downtime.ts";
import type { ImageUse } from "./plan/image-uses.ts";
import { instanceAddress } from "./plan/labels.ts";
import { readListeners } from "./plan/listeners.ts";
import { type Clients, observe as observeServers } from "./plan/observe.ts";
import type { Observed } from "./plan/observed.ts";
import { makePlan } from "./plan/plan.ts";
import { connectServer } from "./remotes/connect-server.ts";
import type { Emit } from "./report/events.ts";
import type { ApplyReport } from "./report/reduce.ts";
import type { MakeShell } from "./shell/make-shell.ts";
import { type Durations, openDurations } from "./state/durations.ts";
import { openJournal, readUnfinished } from "./state/journal.ts";
import type { Lock } from "./state/lock.ts";
import { readStepTimes } from "./state/step-times.ts";
import type { FileDifferences } from "./synth/files.ts";
import type { FlakeFiles } from "./synth/synth.ts";
import type { WholeTreeRead } from "./synth/whole-tree.ts";
import type { GeneratedTypes } from "./types/generate-types.ts";
import type { ProposedUpdate } from "./update/propose.ts";
import { defined } from "./util/defined.ts";
import { withFileLock } from "./util/file-lock.ts";
import { readText, writeFileWhole } from "./util/files.ts";
import { mapLimit } from "./util/map-limit.ts";
import { build as floeBuild } from "./version.ts";

export type { ProposedAdoption } from "./adopt/adopt.ts";
export type { Entries as FlakeEntries, FlakeAdoption } from "./adopt-flake/adopt-flake.ts";
export type { PrunedImage } from "./apply/prune-images.ts";
export type { PowerAction, PowerResult } from "./apply/set-power.ts";
export { findProject } from "./config/find.ts";
export { type Project, projectAbove } from "./config/project-above.ts";
export type { Finding, ToolsReport } from "./format/run-tools.ts";
export { followConsole, knownLength, lastLines } from "./incus/console-log.ts";
export { hasJournal, type JournalOptions, writeJournal } from "./incus/journal.ts";
export { loginShell } from "./incus/login-shell.ts";
export type { ExecStreams, IncusClient } from "./incus/types.ts";
export type { BuildOutcome, BuildRequest } from "./nix/build.ts";
export type { FleetNames } from "./nix/evaluation-cache.ts";
export type { Updated } from "./nix/update.ts";
export * from "./pipeline-generations.ts";
export * from "./pipeline-homes.ts";
export {
  type ApplyHostsRequest,
  type AskPassword,
  applyHosts,
  type BuildHostsOptions,
  type BuiltHost,
  type ByHost,
  buildHosts,
  copyAhead,
  guardHosts,
  type HostAction,
  type HostsOptions,
  hostProblems,
  type ObservedHost,
  type OpenHosts,
  observeHosts,
  openCopies,
  openHosts,
  type PlanHostsRequest,
  planHosts,
  planOnly,
  pushBuilt,
  rememberHosts,
  settleUnfinished,
  systemAt,
  thisHost,
  unchangedHosts,
} from "./pipeline-hosts.ts";
export * from "./pipeline-update.ts";
export { type ListedGeneration, listGenerations } from "./plan/generation-list.ts";
export { isStale } from "./plan/plan.ts";
export type { Added as AddedRemote } from "./remotes/add.ts";
export { connectServer as connect } from "./remotes/connect-server.ts";
export type { KnownRemote } from "./remotes/list.ts";
export type { Durations } from "./state/durations.ts";
export { history, type JournalEntry, type JournalSummary, readRun } from "./state/journal.ts";
export { acquireLock, currentHolder, type Lock, whoRuns } from "./state/lock.ts";
export { compareFiles, type FileDifferences, isCurrent } from "./synth/files.ts";
export type { FlakeFiles } from "./synth/synth.ts";
export type { GeneratedTypes, ReadMachine } from "./types/generate-types.ts";

/** Where events go and what ends the work early; every step that takes time has them. */
export interface Work {
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

/** The folder of caches in a project. */
export function cacheDir(root: string): string {
  return join(root, ".floe", "cache");
}

/** The fleet as it was when it was last prepared, if floe is still the same and the project may be too; for what may be a little old. */
export function rememberedFleet(project: Project): Fleet | undefined {
  return recallFleet(project)?.fleet;
}

/** How long things took before in this project. */
export function durationsOf(root: string): Durations {
  return openDurations(cacheDir(root));
}

/** The fleet of the project in this folder. @throws ConfigError with all its problems */
export async function loadFleet(root: string): Promise<Fleet> {
  return (await import("./config/load.ts")).loadFleet(root);
}

/** load: the fleet that the project's TypeScript describes. @throws ConfigError with all its problems */
export async function load(project: Project, { emit }: Work, trace = openTrace()): Promise<Fleet> {
  emit({ type: "phase.start", phase: "load" });
  let ok = false;
  try {
    const { loadFleet } = await import("./config/load.ts");
    const fleet = await loadFleet(project.root, { trace });
    ok = true;
    return fleet;
  } finally {
    emit({ type: "phase.end", phase: "load", ok });
  }
}

/** synth: what flake.nix and nix/ should hold. @throws SynthError */
export async function synthFlake(fleet: Fleet): Promise<FlakeFiles> {
  return (await import("./synth/synth.ts")).synthFlake(fleet);
}

/** What is on disk of these files, and every `.nix` file under `nix/`. */
export async function readGenerated(root: string, files: FlakeFiles): Promise<Map<string, string>> {
  return (await import("./synth/write.ts")).readGenerated(root, files);
}

/**
 * Values that no option takes: numbers out of range, text of the wrong form, relative paths. Known where the options are, from the last `floe types`
 * or `floe check`; starts no nix.
 */
export async function wrongValues(fleet: Fleet): Promise<Problem[]> {
  const [{ recallDump }, { fleetLiterals }] = await Promise.all([
    import("./types/recall-dump.ts"),
    import("./types/fleet-literals.ts"),
  ]);
  const dump = recallDump(cacheDir(fleet.root));
  const problems = dump === undefined ? [] : fleetLiterals(fleet, dump);
  if (dump === undefined || problems.length === 0) return problems;
  const { loadWithPlaces } = await import("./diagnose/diagnose.ts");
  const placed = await loadWithPlaces(fleet.root);
  return placed === undefined ? problems : fleetLiterals(placed, dump);
}

/**
 * synth, write: brings flake.nix and nix/ on disk up to date. With `anyValue` also where an option cannot take what it is given: Nix will say so.
 * @throws SynthError, also when a file of the user's is in the way
 */
export async function writeFlake(
  fleet: Fleet,
  { emit }: Pick<Work, "emit">,
  { anyValue = false } = {},
): Promise<FileDifferences> {
  emit({ type: "phase.start", phase: "synth" });
  let ok = false;
  try {
    if (!anyValue) refuse(await wrongValues(fleet));
    const files = await synthFlake(fleet);
    const { writeFiles } = await import("./synth/write.ts");
    const differences = writeFiles(fleet.root, files);
    ok = true;
    return differences;
  } finally {
    emit({ type: "phase.end", phase: "synth", ok });
  }
}

/** A fleet that was loaded and written before, and has not changed since. */
export interface Recalled {
  readonly fleet: Fleet;
  /** Of the names asked for, when it was made before. */
  readonly evaluation: Evaluation | undefined;
}

/**
 * load, synth, write, stage and evaluate at once, from memory: when the project provably describes what it did before, none of its code is run.
 * Undefined when it has to be loaded. `onGuess` is given the fleet of last time before it is known whether it is still the one: something may be
 * begun with it, and nothing decided. @throws CancelledError
 */
export async function recall(
  project: Project,
  namesOf: (fleet: Fleet) => FleetNames,
  work: Work,
  onGuess: (fleet: Fleet) => void = () => {},
): Promise<Recalled | undefined> {
  const remembered = recallFleet(project);
  if (remembered === undefined) return undefined;
  onGuess(remembered.fleet);
  const stage = await stageAlone(project.root, work);
  if (!remembered.isOf(stage.hash)) return undefined;
  const { fleet } = remembered;
  return { fleet, evaluation: await evaluationOf(stage, fleet, namesOf(fleet)) };
}

/** A fleet whose flake files are on disk. */
export interface Prepared {
  readonly fleet: Fleet;
  /** What was written; undefined when nothing had to be looked at. */
  readonly written?: FileDifferences;
  /** Of what is to be evaluated, when it was made before. */
  readonly evaluation: Evaluation | undefined;
  /** Makes the next `recall` find this fleet, if the snapshot evaluated last is the one it was loaded from. */
  remember(): Promise<void>;
}

/**
 * recall, else load, synth, write; `namesOf` is what is to be evaluated, `onGuess` as of `recall`. @throws ConfigError, SynthError, CancelledError
 */
export async function prepare(
  project: Project,
  work: Work,
  namesOf: (fleet: Fleet) => FleetNames = imageNames,
  onGuess?: (fleet: Fleet) => void,
): Promise<Prepared> {
  const recalled = await recall(project, namesOf, work, onGuess);
  if (recalled !== undefined) return { ...recalled, remember: async () => {} };
  const trace = openTrace();
  const fleet = await load(project, work, trace);
  const written = await writeFlake(fleet, work);
  const remember = async (): Promise<void> => {
    const stage = lastStage(fleet.root);
    if (stage !== undefined) await rememberFleet(fleet, trace, stage, await synthFlake(fleet));
  };
  return { fleet, written, evaluation: undefined, remember };
}

/** `prepare` with connections to the servers, opened as soon as it can be guessed which those are; the caller closes them. */
export async function prepareConnected(
  project: Project,
  work: Work,
): Promise<Prepared & { readonly connections: Connections }> {
  let guess: { readonly fleet: Fleet; readonly connections: Connections } | undefined;
  const onGuess = (fleet: Fleet): void => {
    guess = { fleet, connections: openConnections(fleet, work.signal) };
  };
  let prepared: Prepared | undefined;
  try {
    prepared = await prepare(project, work, imageNames, onGuess);
  } finally {
    // They may be to servers that are no longer described, and do not answer.
    if (prepared?.fleet !== guess?.fleet) void guess?.connections.close();
  }
  const connections =
    prepared.fleet === guess?.fleet ? guess.connections : openConnections(prepared.fleet, work.signal);
  return { ...prepared, connections };
}

/** Every host, container, home and shell of a fleet. */
export function allNames(fleet: Fleet): FleetNames {
  return {
    hosts: Object.keys(fleet.hosts),
    containers: Object.keys(builtContainers(fleet)),
    homes: Object.keys(fleet.homes ?? {}),
    shells: Object.keys(fleet.shells),
  };
}

/** What a plan needs: the images of all containers, for ports and names are compared across the whole fleet. */
export function imageNames(fleet: Fleet): FleetNames {
  return { hosts: [], containers: Object.keys(builtContainers(fleet)), shells: [] };
}

/** Without the containers whose images floe does not build: there is nothing of them to evaluate. */
function builtNames(fleet: Fleet, names: FleetNames): FleetNames {
  const built = builtContainers(fleet);
  return { ...names, containers: names.containers.filter((name) => Object.hasOwn(built, name)) };
}

function isNothing({ hosts, containers, homes = [], shells }: FleetNames): boolean {
  return hosts.length + containers.length + homes.length + shells.length === 0;
}

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
  const { locateFlake } = await import("./nix/look-ahead.ts");
  return locateFlake({ root, cacheDir: cacheDir(root), ...work }).catch(() => undefined);
}

/** The machines that change with every commit, and where they ask for what does. */
export async function wholeTreeReads(fleet: Fleet): Promise<WholeTreeRead[]> {
  const { findWholeTreeReads } = await import("./synth/whole-tree.ts");
  return findWholeTreeReads({ ...fleet, containers: builtContainers(fleet) }, (path) =>
    readText(join(fleet.root, path)),
  );
}

/** How the types are brought up to date. */
export interface RefreshOptions {
  /** Read everything, also when nothing that declares options has changed. */
  readonly fresh?: boolean;
  /** Read this machine, and add what it has to what is known. */
  readonly only?: string | undefined;
  /** Flake files that are not on disk: a copy that has them is read. */
  readonly files?: FlakeFiles;
}

/**
 * types: brings `.floe/types` up to date, by which the editor and tsc know the options and packages there are. The flake files must be written, or
 * be given.
 * @throws NixError when no machine's options can be read, CancelledError
 */
export async function refreshTypes(
  fleet: Fleet,
  { files, ...how }: RefreshOptions,
  work: Work,
): Promise<GeneratedTypes> {
  const [{ generateTypes, recallTypes }, { subjectOf }] = await Promise.all([
    import("./types/generate-types.ts"),
    import("./types/subject.ts"),
  ]);
  const cache = cacheDir(fleet.root);
  const nix = await findNix({ cacheDir: cache });
  const subject = { subject: subjectOf(fleet), taken: takenOver(fleet) };
  const options = { nix, root: fleet.root, cacheDir: cache, ...subject, ...how, ...work };
  if (files === undefined) return generateTypes(options);
  return (
    (await recallTypes(options)) ??
    withCopy(fleet, files, work, (flakeRoot) => generateTypes({ ...options, flakeRoot }))
  );
}

/** Does something with a copy of the project that has these flake files; undefined: those that are on disk. */
async function withCopy<T>(
  fleet: Fleet,
  files: FlakeFiles | undefined,
  work: Work,
  use: (root: string) => Promise<T>,
): Promise<T> {
  const cache = cacheDir(fleet.root);
  const { cp, mkdir, mkdtemp, rm } = await import("node:fs/promises");
  const { tmpdir } = await import("node:os");
  const { writeFiles } = await import("./synth/write.ts");
  const copy = await mkdtemp(join(tmpdir(), "floe-check-"));
  try {
    const root = await withFileLock(join(cache, "evaluate.lock"), work, async () => {
      const stage = await stageProject({ root: fleet.root, ...work });
      const { top, folder } = splitStage(stage.path);
      await cp(top, copy, { recursive: true, verbatimSymlinks: true });
      // What a flake reads beside it in its repository, it shall read here too.
      if (folder !== "") await mkdir(join(copy, ".git"));
      return join(copy, folder);
    });
    if (files !== undefined) writeFiles(root, files);
    return await use(root);
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

/** An evaluation that was made before of the project as it is now on disk; undefined when there is none. Starts no nix but for its version. */
export async function recallEvaluation(fleet: Fleet, names: FleetNames, work: Work): Promise<Evaluation | undefined> {
  return evaluationOf(await stageAlone(fleet.root, work), fleet, names);
}

/** Asks nix about the fleet's machines: options and their values. The flake files must be written. @throws as `askMachines` */
export async function askFleet<T>(
  fleet: Fleet,
  ask: (asking: Asking & { readonly nixVersion: string }) => Promise<T>,
  work: Work,
): Promise<T> {
  const cache = cacheDir(fleet.root);
  const { askMachines } = await import("./nix/ask.ts");
  const nix = await findNix({ cacheDir: cache });
  return askMachines({ nix, root: fleet.root, cacheDir: cache, taken: takenOver(fleet), ...work }, (asking) =>
    ask({ ...asking, nixVersion: nix.version }),
  );
}

/** Connections to all of the fleet's servers. */
export interface Connections {
  /** An error stands for a server that does not answer. */
  readonly clients: Promise<Clients>;
  close(): Promise<void>;
}

/** Begins to connect and does not wait: meanwhile something else can be done. The caller closes. */
export function openConnections(fleet: Fleet, signal: AbortSignal): Connections {
  const clients = connectAll(fleet, signal);
  const failed = (): Clients => ({});
  // Whoever waits for the clients is told of a failure; nobody may be waiting yet.
  clients.catch(failed);
  return {
    clients,
    async close() {
      for (const client of Object.values(await clients.catch(failed)))
        if (!(client instanceof FloeError)) client.close();
    },
  };
}

/** observe: what runs. A server that does not answer is part of the answer. */
export async function observe(fleet: Fleet, clients: Clients, { emit, signal }: Work): Promise<Observed> {
  emit({ type: "phase.start", phase: "observe" });
  let ok = false;
  try {
    const observed = await observeServers({ fleet, clients, listeners: readListeners, signal });
    ok = true;
    return observed;
  } finally {
    emit({ type: "phase.end", phase: "observe", ok });
  }
}

/** What a plan is about. */
export interface PlanScope {
  /** Addresses (`SERVER/PROJECT/NAME`) of instances; null: the whole fleet. */
  readonly selection: readonly string[] | null;
  /** Plan the deletion of the fleet's instances that are no longer described. */
  readonly prune: boolean;
  /** The first instance of each image goes alone; default: as the containers say. */
  readonly canary?: boolean;
  /** What becomes of changes by hand; default `keep`. */
  readonly drift?: DriftMode;
}

/** A plan with what it was made from. */
export interface Planned {
  readonly plan: Plan;
  readonly evaluation: Evaluation;
  readonly observed: Observed;
}

/**
 * evaluate (unless an evaluation of the images is known) and observe at once, then plan. The flake files must be written.
 * @throws NixError when the flake as a whole does not evaluate
 */
export async function plan(
  fleet: Fleet,
  scope: PlanScope,
  connections: Connections,
  work: Work,
  known?: Evaluation,
): Promise<Planned> {
  const observing = connections.clients.then((clients) => observe(fleet, clients, work));
  const [evaluation, observed] = await Promise.all([known ?? evaluate(fleet, imageNames(fleet), work), observing]);
  return {
    plan: makePlan({
      fleet,
      evaluation,
      observed,
      locate: locator(fleet),
      ...scope,
      stepTimes: stepTimesOf(fleet.root),
    }),
    evaluation,
    observed,
  };
}

/** build: what is missing in the store; a failure is an outcome. @throws CancelledError */
export async function build(fleet: Fleet, derivations: readonly BuildRequest[], work: Work): Promise<BuildOutcome[]> {
  const { buildDerivations } = await import("./nix/build.ts");
  const nix = await findNix({ cacheDir: cacheDir(fleet.root) });
  return buildDerivations({
    nix,
    derivations,
    rootsDir: join(fleet.root, ".floe", "roots"),
    builders: fleet.builders ?? [],
    keepGoing: true,
    ...work,
  });
}

/** What an apply is given beside the plan. */
export interface ApplyRequest extends Pick<Planned, "plan" | "evaluation"> {
  readonly clients: Clients;
  readonly lock: Lock;
  /** Carry out the sound parts of a plan that has problems. */
  readonly partial: boolean;
  /** Instances that change at the same time; absent: as many as the containers say, at least two. */
  readonly maxParallel?: number;
  /** Begin nothing more after the first failure. */
  readonly failFast?: boolean;
}

/**
 * apply, report: builds what is missing and carries the plan out. What came of each change is in the report, failures too.
 * @throws PlanStaleError, FloeError for a plan with problems, CancelledError with the report in its details
 */
export async function apply(
  fleet: Fleet,
  { partial, maxParallel, failFast, lock, ...request }: ApplyRequest,
  work: Work,
): Promise<ApplyReport> {
  const cache = cacheDir(fleet.root);
  const [{ applyPlan }, { fingerprintOf }] = await Promise.all([import("./apply/apply.ts"), import("./util/hash.ts")]);
  return applyPlan({
    ...request,
    ...work,
    fleet,
    build: (containers) => buildImages(fleet, request.evaluation, containers, work),
    hash: async ({ metadataPath, rootfsPath }, { signal }) =>
      (await fingerprintOf(metadataPath, rootfsPath, { cacheDir: cache, signal })).fingerprint,
    systems: await systemsOf(fleet, request.evaluation.images, work),
    journal: openJournal(lock, "apply", fleet.name),
    options: { partial, ...defined({ maxParallel, failFast }) },
  });
}

/** Newer revisions of inputs, in flake.lock. The flake files must be written. @throws NixError: then the lock is as it was */
export async function updateInputs(
  { root }: Fleet,
  inputs: readonly [string, ...string[]],
  work: Work,
): Promise<Updated> {
  const cache = cacheDir(root);
  const { updateInputs: update } = await import("./nix/update.ts");
  return update({ nix: await findNix({ cacheDir: cache }), root, cacheDir: cache, inputs, ...work });
}

/**
 * propose: what newer revisions of these inputs, or of all, would change. Found out in a copy; the flake files must be written, and nothing else is.
 * @throws UsageError for a name that is no input, NixError when an input cannot be fetched
 */
export async function proposeUpdate(
  fleet: Fleet,
  { names, build }: { readonly names: readonly string[]; readonly build: boolean },
  work: Work,
): Promise<ProposedUpdate> {
  const cache = cacheDir(fleet.root);
  const [nix, { proposeUpdate: propose }, { updateInputs: update }, { buildProblems }] = await Promise.all([
    findNix({ cacheDir: cache }),
    import("./update/propose.ts"),
    import("./nix/update.ts"),
    import("./update/build-problems.ts"),
  ]);
  const { builders = [] } = fleet;
  return withCopy(fleet, undefined, work, (copy) =>
    propose({
      copy,
      names,
      nix,
      declared: fleet.inputs,
      language: fleet.flake === undefined ? "typescript" : "nix",
      now: Date.now(),
      update: (inputs) => update({ nix, root: copy, cacheDir: cache, inputs, ...work }),
      evaluate: () => evaluateIn(copy, fleet, builtNames(fleet, allNames(fleet)), work),
      ...(build && {
        build: (wanted) => buildProblems({ nix, wanted, builders, rootsDir: join(copy, "roots"), ...work }),
      }),
      ...work,
    }),
  );
}

/** The workflow of a forge, and what its jobs hand on. */
export async function ci(): Promise<typeof import("./ci/ci.ts")> {
  return import("./ci/ci.ts");
}

/**
 * compare: what differs from the fleet as another commit has it, and the evaluation of all that is here. The flake files must be written; the
 * work tree stays as it is. @throws UsageError for a name that git does not know, NixError when the flake does not evaluate
 */
export async function compareWith(
  fleet: Fleet,
  ref: string,
  work: Work,
): Promise<{ readonly comparison: Comparison; readonly evaluation: Evaluation }> {
  const [{ findBase, withTreeOf }, { compareSides }, nix] = await Promise.all([
    import("./ci/base.ts"),
    import("./ci/compare.ts"),
    findNix({ cacheDir: cacheDir(fleet.root) }),
  ]);
  const { signal } = work;
  const place = { root: fleet.root, signal };
  const base = await findBase(ref, place);
  const evaluation = await evaluate(fleet, allNames(fleet), work);
  const after: Side = { fleet, evaluation, lock: readText(join(fleet.root, "flake.lock")) };
  const before =
    base.commit === undefined
      ? undefined
      : await withTreeOf(base.commit, place, (folder) => sideIn(folder, fleet.root, work).catch(asAnswer));
  const shown =
    before instanceof FloeError
      ? { ...base, problem: `the project as of ${base.commit?.slice(0, 7)} cannot be read: ${before.message}` }
      : base;
  const side = before instanceof FloeError ? undefined : before;
  return { comparison: await compareSides(shown, side, after, { nix, signal }), evaluation };
}

/** Addresses of the fleet's instances that run now, on the servers that answer. */
export async function runningInstances(fleet: Fleet, connections: Connections, work: Work): Promise<string[]> {
  const { servers } = await observe(fleet, await connections.clients, work);
  return instancesOf(fleet)
    .filter(({ server, project, name }) => {
      const observed = servers[server];
      const isIt = (one: { readonly name: string; readonly project: string }): boolean =>
        one.name === name && one.project === project;
      return observed?.ok === true && observed.instances.some((one) => isIt(one) && one.status === "running");
    })
    .map(({ server, project, name }) => `${server}/${project}/${name}`);
}

/** systemd's units for an apply by the clock; of `path` only what it needs is in them. @throws UsageError */
export async function nightlyUnits(
  nightly: Nightly,
  fleet: string,
  command: readonly string[],
  path: string,
): Promise<UnitFiles> {
  const [{ unitFiles }, { neededPath }] = await Promise.all([
    import("./nightly/units.ts"),
    import("./nightly/path.ts"),
  ]);
  return unitFiles(nightly, fleet, command, neededPath(nightly, path));
}

/** systemd's unit for the dashboard on this machine; of `path` only what it needs is in it. @throws UsageError */
export async function serveUnits(
  dashboard: Dashboard,
  { name, hosts }: Pick<Fleet, "name" | "hosts">,
  command: readonly string[],
  path: string,
): Promise<UnitFiles> {
  const [{ isLockedIn, serveUnitFiles }, { neededPath }, { thisHostName }] = await Promise.all([
    import("./nightly/serve-unit.ts"),
    import("./nightly/path.ts"),
    import("./apply/hosts/open.ts"),
  ]);
  const lockedIn = isLockedIn(dashboard, hosts[dashboard.host ?? thisHostName()]);
  return serveUnitFiles(dashboard, { fleet: name, command, path: neededPath({ notify: [] }, path), lockedIn });
}

/** Writes units into a folder; answers their paths. @throws StateError */
export async function writeUnits(folder: string, files: UnitFiles): Promise<string[]> {
  return (await import("./nightly/write.ts")).writeUnits(folder, files);
}

/** What an unattended apply did, in words. */
export async function summariseApply(outcome: ApplyOutcome): Promise<Summary> {
  return (await import("./nightly/summary.ts")).summarise(outcome);
}

/** Sends a summary to everybody the fleet names; answers who could not be told, and why. An apply that is stopped tells too. */
export async function tellSummary({ nightly }: Fleet, summary: Summary): Promise<string[]> {
  const { notifyAll } = await import("./nightly/notify.ts");
  return notifyAll(nightly?.notify ?? [], summary, new AbortController().signal);
}

/** What a rollback of an instance would do. @throws FloeError when there is nothing to go back to */
export async function planRollback(
  input: Pick<RollbackInput, "fleet" | "name" | "clients" | "to">,
): Promise<RollbackPlan> {
  return (await import("./apply/rollback.ts")).planRollback(input);
}

/** Puts an instance back to what it was before; a second rollback comes back. @throws FloeError when there is nothing to go back to */
export async function rollback(
  fleet: Fleet,
  name: string,
  { clients, lock, to }: Pick<ApplyRequest, "clients" | "lock"> & Pick<RollbackInput, "to">,
  work: Work,
): Promise<ApplyReport> {
  const { rollbackInstance } = await import("./apply/rollback.ts");
  return rollbackInstance({
    fleet,
    name,
    clients,
    systems: await systemsOf(fleet, {}, work),
    journal: openJournal(lock, "rollback", fleet.name),
    ...defined({ to }),
    ...work,
  });
}

/** What is wrong with each of these instances right now, by address; an empty list is healthy. One without checks is healthy when it runs. */
export async function askHealth(
  fleet: Fleet,
  instances: readonly Instance[],
  { signal }: Pick<Work, "signal">,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const { checkHealth } = await import("./apply/check-health.ts");
  const connections = openConnections(fleet, signal);
  try {
    const clients = await connections.clients;
    const answers = await mapLimit(instances, healthAtOnce, async (instance) => {
      const client = clients[instance.server];
      const { project, name, health } = instance;
      const failures =
        client === undefined || client instanceof FloeError
          ? [client?.message ?? `There is no server "${instance.server}"`]
          : await checkHealth({ client, project, name }, health, signal);
      return [instanceAddress(instance), failures] as const;
    });
    return new Map(answers);
  } finally {
    await connections.close();
  }
}

/** What `setPower` is given. */
export interface PowerRequest extends Pick<ApplyRequest, "clients" | "lock"> {
  readonly action: PowerAction;
  readonly instances: readonly Instance[];
  readonly force: boolean;
  readonly timeoutMs?: number;
}

/** Starts, stops or restarts instances; a failure is a result. @throws FloeError when they depend on each other in a circle */
export async function setPower(
  fleet: Fleet,
  { instances, lock, ...request }: PowerRequest,
  work: Work,
): Promise<PowerResult[]> {
  const { setPower: run } = await import("./apply/set-power.ts");
  const addresses = instances.map(instanceAddress);
  return run({ ...request, ...work, fleet, addresses, journal: openJournal(lock, request.action, fleet.name) });
}

/** What `changeSnapshot` is given. */
export type SnapshotRequest = Pick<ApplyRequest, "clients" | "lock"> &
  Pick<SnapshotInput, "action" | "instance" | "snapshot" | "saveAs">;

/** Makes or deletes a snapshot of an instance, or goes back to one. @throws FloeError when it cannot be done */
export async function changeSnapshot(fleet: Fleet, { lock, ...request }: SnapshotRequest, work: Work): Promise<void> {
  const { changeSnapshot: run } = await import("./apply/snapshots.ts");
  return run({ ...request, ...work, fleet, journal: openJournal(lock, `snapshot ${request.action}`, fleet.name) });
}

/** What `pruneImages` is given. */
export interface PruneRequest extends Pick<ApplyRequest, "clients" | "lock"> {
  readonly images: readonly ImageUse[];
  /** As it was when they were found to be of no use. */
  readonly keep?: number;
}

/** Deletes images, after looking once more whether nothing needs them; a failure is a result. */
export async function pruneImages(
  fleet: Fleet,
  { images, keep, clients, lock }: PruneRequest,
  work: Work,
): Promise<PrunedImage[]> {
  const { pruneServer } = await import("./apply/prune-images.ts");
  const journal = openJournal(lock, "image prune", fleet.name);
  const results: PrunedImage[] = [];
  for (const [server, client] of Object.entries(clients)) {
    const chosen = images.filter((image) => image.server === server);
    if (chosen.length === 0 || client instanceof FloeError) continue;
    const question = { fleet, client, signal: work.signal, ...defined({ keep }) };
    results.push(...(await pruneServer(question, chosen, { emit: work.emit, journal })));
  }
  journal.end(results.some(({ outcome }) => outcome === "failed") ? 1 : 0);
  return results;
}

/**
 * Makes the environment of a dev shell, or finds that it is still the one it was. `lookedAt`: milliseconds since the epoch, before anything was read.
 * @throws NixError when what it needs cannot be built, CancelledError
 */
export async function makeDevShell(
  fleet: Fleet,
  { name, isDefault, derivation, lookedAt }: Pick<MakeShell, "name" | "isDefault" | "derivation" | "lookedAt">,
  work: Work,
): Promise<void> {
  const { makeShell } = await import("./shell/make-shell.ts");
  const nix = await findNix({ cacheDir: cacheDir(fleet.root) });
  await makeShell({ nix, root: fleet.root, name, isDefault, derivation, lookedAt, ...work });
  await (await hooks()).refreshHooks(fleet.tooling, { root: fleet.root, signal: work.signal });
  // From now on its shells are found from any folder.
  (await import("./state/fleets.ts")).rememberPlace(fleet);
}

/** The files that the last snapshot of a project had, relative to it. */
export function lastFiles(root: string): string[] {
  return Object.keys(lastStage(root)?.files ?? {});
}

/** Formats or checks a whole project, and makes floe's front answer the next time while nothing has changed. @throws as `formatProject` */
export async function formatWhole(
  project: Project,
  { fix }: { readonly fix: boolean },
  work: Work,
): Promise<ToolsReport> {
  const begunMs = Date.now();
  const { root } = project;
  const fleet = await loadTooling(project, work);
  const report = await formatProject(fleet, { kind: "format", fix, staged: false, paths: [] }, work);
  const { changed, findings, missing, programs, files } = report;
  if (floeBuild === undefined || programs === undefined || files === 0) return report;
  if ([changed, findings, missing].some((one) => one.length > 0)) return report;
  const [{ writeCleanMark }, { toolingSources }] = await Promise.all([
    import("./format/clean-mark.ts"),
    import("./config/recall-tooling.ts"),
  ]);
  const sources = toolingSources(project);
  if (sources === undefined) return report;
  await writeCleanMark({
    ...{ root, cacheDir: cacheDir(root), build: floeBuild, begunMs, signal: work.signal },
    files: `${files} file${files === 1 ? "" : "s"}`,
    watched: [...programs, ...sources],
  });
  return report;
}

/** load: what `formatProject` needs of the fleet, from memory where the project's TypeScript is unchanged. @throws ConfigError */
export async function loadTooling(project: Project, work: Work): Promise<Fleet | ToolingFleet> {
  const { recallTooling, rememberTooling } = await import("./config/recall-tooling.ts");
  const known = recallTooling(project);
  if (known !== undefined) return known;
  const trace = openTrace();
  const fleet = await load(project, work, trace);
  rememberTooling(fleet, project, trace);
  return fleet;
}

/**
 * Formats or checks the project's files with the fleet's tools; where it names none, with the formatter of an existing flake. @throws FloeError when
 * there is none, or git fails
 */
export async function formatProject(
  fleet: Fleet | ToolingFleet,
  what: Pick<FormatRequest, "kind" | "fix" | "staged" | "paths">,
  { emit, signal }: Work,
): Promise<ToolsReport> {
  const isWhole = "hosts" in fleet;
  const program = isWhole && what.kind === "format" ? await flakeFormatterOf(fleet, { emit, signal }) : undefined;
  if (program !== undefined) {
    const { runFlakeFormatter } = await import("./format/flake-formatter.ts");
    return runFlakeFormatter(program, { ...what, root: fleet.root, signal });
  }
  const { formatFiles } = await import("./format/format-files.ts");
  const { root, inputs, tooling = { format: [], lint: [], exclude: [] } } = fleet;
  const nixpkgs = inputs["nixpkgs"]?.kind === "url" ? "nixpkgs" : undefined;
  return formatFiles({ ...what, root, cacheDir: cacheDir(root), nixpkgs, tooling, signal });
}

async function flakeFormatterOf(fleet: Fleet, work: Work): Promise<string | undefined> {
  const { root, flake, tooling } = fleet;
  if (flake === undefined || (tooling?.format.length ?? 0) > 0) return undefined;
  const cache = cacheDir(root);
  const [{ flakeFormatter }, nix] = await Promise.all([import("./nix/formatter.ts"), findNix({ cacheDir: cache })]);
  return flakeFormatter({ nix, root, cacheDir: cache, taken: takenOver(fleet), ...work });
}

/** Checks before each commit. */
export async function hooks(): Promise<typeof import("./hooks/hooks.ts")> {
  return import("./hooks/hooks.ts");
}

/** How a graph can be written. */
export type GraphFormat = "svg" | "mermaid" | "dot";

/** The fleet as a graph, and drawn. */
export async function drawGraph(
  fleet: Fleet,
  selection: GraphSelection,
  format: GraphFormat,
): Promise<{ readonly graph: Graph; readonly text: string }> {
  const { graphOf } = await import("./graph/graph.ts");
  const graph = graphOf(fleet, selection);
  if (format === "svg") return { graph, text: (await import("./graph/to-svg.ts")).toSvg(graph) };
  const { toDot, toMermaid } = await import("./graph/to-text.ts");
  return { graph, text: format === "dot" ? toDot(graph) : toMermaid(graph) };
}

/** Writes a drawing where the user wants it. @throws StateError */
export function writeDrawing(file: string, text: string): void {
  try {
    writeFileWhole(file, text);
  } catch (cause) {
    throw new StateError(`"${file}" cannot be written: ${(cause as Error).message}`, { cause });
  }
}

/** Notes in the journal that a killed apply needs nothing any more, when the world shows that nothing is to be done. */
export function closeUnfinished(fleet: Fleet, lock: Lock): void {
  if (readUnfinished(fleet.root).length > 0) openJournal(lock, "recover", fleet.name).end(0);
}

/** An open connection to the server of an instance; the caller closes it. */
export interface InstanceConnection {
  readonly client: IncusClient;
  readonly project: string;
  /** As Incus knows it. */
  readonly name: string;
}

/** Taking over instances that were made by hand. */
export async function adoption(): Promise<typeof import("./adopt/adopt.ts")> {
  return import("./adopt/adopt.ts");
}

/** Taking over a flake that exists. */
export async function flakeAdoption(): Promise<typeof import("./adopt-flake/adopt-flake.ts")> {
  return import("./adopt-flake/adopt-flake.ts");
}

/** The servers on the network that this machine knows. */
export async function remotes(): Promise<typeof import("./remotes/remotes.ts")> {
  return import("./remotes/remotes.ts");
}

/** A connection to one of the fleet's servers. @throws MissingError, IncusError */
export async function connectTo(fleet: Fleet, server: string, signal: AbortSignal): Promise<IncusClient> {
  const described = fleet.servers[server];
  if (described === undefined) throw new Error(`the fleet has no server ${server}`);
  return connectServer(described, { signal });
}

// --- internal ---

/** Instances whose health is asked for at the same time. */
const healthAtOnce = 8;

/** Read when the first is asked for: where nothing changes, nobody asks. */
function stepTimesOf(root: string): (address: string) => StepTimes | undefined {
  let times: ReturnType<typeof readStepTimes> | undefined;
  return (address) => {
    times ??= readStepTimes(root);
    return times.get(address);
  };
}

/** @throws SynthError with all of them */
function refuse(problems: readonly Problem[]): void {
  const [first, ...others] = problems;
  if (first === undefined) return;
  const { message, hint, file, line, column } = first;
  if (others.length === 0)
    throw new SynthError(`Option ${message}`, {
      hint,
      at: file === undefined ? undefined : { file, line: line ?? 1, column: column ?? 1 },
      details: { problems },
    });
  const lines = problems.map((each) => `  ${each.file}:${each.line}:${each.column}: ${each.message}`);
  throw new SynthError(`${problems.length} options cannot be set to what they are:\n${lines.join("\n")}`, {
    details: { problems },
  });
}

/** The snapshot, made while no other floe makes it. */
async function stageAlone(root: string, { emit, signal }: Work): Promise<Stage> {
  return withFileLock(join(cacheDir(root), "evaluate.lock"), { signal, onWait: sayWaiting(emit) }, () =>
    stageProject({ root, emit, signal }),
  );
}

async function evaluationOf({ hash }: Stage, fleet: Fleet, names: FleetNames): Promise<Evaluation | undefined> {
  const cache = cacheDir(fleet.root);
  const [nix, flake] = await Promise.all([
    findNix({ cacheDir: cache }).catch(() => undefined),
    takenOverKey(takenOver(fleet)),
  ]);
  return nix && readEvaluation(cache, evaluationKey(hash, nix.version, names, flake));
}

/** What evaluates part by part; nothing does of a flake that floe did not write, for it cannot tell what depends on what in it. */
async function partsFor(fleet: Fleet): Promise<EvaluateOptions["parts"]> {
  if (fleet.flake !== undefined) return undefined;
  const { partsOptions } = await import("./synth/parts-options.ts");
  return partsOptions({ ...fleet, containers: builtContainers(fleet) }, (path) => readText(join(fleet.root, path)));
}

async function connectAll(fleet: Fleet, signal: AbortSignal): Promise<Clients> {
  const servers = Object.values(fleet.servers);
  const clients = await Promise.all(servers.map((server) => connectServer(server, { signal }).catch(asAnswer)));
  return Object.fromEntries(servers.map(({ name }, index) => [name, clients[index] as IncusClient | FloeError]));
}

/** `root`: the project, or a copy of it. */
async function evaluateIn(
  root: string,
  fleet: Fleet,
  names: FleetNames,
  work: Work,
  given: Pick<EvaluateOptions, "parts" | "located" | "onStart"> = {},
): Promise<Evaluation> {
  // A fleet of images that floe does not build needs no nix.
  if (isNothing(names)) return { hosts: {}, images: {}, shells: {} };
  const cache = cacheDir(fleet.root);
  const { evaluateFleet } = await import("./nix/evaluate.ts");
  const taken = takenOver(fleet);
  const options = { nix: await findNix({ cacheDir: cache }), root, cacheDir: cache, taken, ...work };
  const evaluation = await evaluateFleet({ ...options, ...given, names });
  // What is evaluated by parts is for a report, which tells everything.
  return placed(await explained(evaluation, fleet.root, options, given.parts !== undefined), fleet);
}

/** The project in another folder, evaluated with the caches of the one in `root`; undefined where none was there yet. */
async function sideIn(folder: string, root: string, work: Work): Promise<Side | undefined> {
  if (projectIn(folder) === undefined) return undefined;
  const fleet = await loadFleet(folder);
  if (readText(join(folder, "flake.nix")) === undefined)
    (await import("./synth/write.ts")).writeFiles(folder, await synthFlake(fleet));
  const names = builtNames(fleet, allNames(fleet));
  const evaluation = await evaluateIn(folder, { ...fleet, root }, names, { ...work, emit: () => {} });
  return { fleet, evaluation, lock: readText(join(folder, "flake.lock")) };
}

/** A failure that no file of the project explains stands where an existing flake is named. */
async function placed(evaluation: Evaluation, fleet: Fleet): Promise<Evaluation> {
  if (fleet.flake === undefined || partsOf(evaluation).every(({ ok }) => ok)) return evaluation;
  return (await import("./diagnose/taken-over.ts")).placeTakenOver(evaluation, fleet);
}

/** Failures in the user's words and at the user's lines. The part of floe that does this is loaded only when there is one. */
async function explained(evaluation: Evaluation, root: string, options: AskOptions, all: boolean): Promise<Evaluation> {
  if (partsOf(evaluation).every(({ ok }) => ok)) return evaluation;
  const [{ diagnose }, { askMachines }] = await Promise.all([import("./diagnose/diagnose.ts"), import("./nix/ask.ts")]);
  const quiet = { ...options, emit: () => {} };
  return diagnose(evaluation, { root, flakeRoot: options.root, asking: (work) => askMachines(quiet, work), all });
}

/** For instances that are updated in place; undefined where there are none and were none. */
async function systemsOf(
  fleet: Fleet,
  images: Evaluation["images"],
  work: Work,
): Promise<ReturnType<typeof openSystems>> {
  const { openSystems } = await import("./nix/systems.ts");
  const nix = await findNix({ cacheDir: cacheDir(fleet.root) });
  const storeOf = (name: string): string | undefined => {
    const server = fleet.servers[name];
    return server?.kind === "https" ? server.store : "local";
  };
  return openSystems({ nix, images, storeOf, rootsDir: join(fleet.root, ".floe", "roots"), ...work });
}

/** The root of an instance that is updated in place is another one: all instances of a container are of one kind. */
function rootOf({ rootfs, inPlace }: ImageDerivations): Derivation {
  return inPlace?.root ?? rootfs;
}

/** Both parts of each container's image, in one build. */
async function buildImages(
  fleet: Fleet,
  { images }: Evaluation,
  containers: readonly string[],
  work: Work,
): Promise<Record<string, BuiltImage>> {
  const requests = containers.flatMap((name) => {
    const image = images[name];
    return image?.ok === true
      ? [
          { name, ...rootOf(image.value) },
          { name: `${name}-metadata`, ...image.value.metadata },
        ]
      : [];
  });
  const [built, revision] = await Promise.all([
    build(fleet, requests, work),
    import("./nix/revision.ts").then(({ revisionOf }) => revisionOf(fleet.root, work.signal)),
  ]);
  const outcomes = new Map(built.map((outcome) => [outcome.name, outcome]));
  return Object.fromEntries(
    containers.map((name) => {
      const image = builtImage(outcomes.get(name), outcomes.get(`${name}-metadata`));
      return [name, image.ok ? { ...image, ...defined({ revision }) } : image];
    }),
  );
}

function builtImage(rootfs: BuildOutcome | undefined, metadata: BuildOutcome | undefined): BuiltImage {
  const failed = [rootfs, metadata].find((outcome) => outcome?.ok === false);
  if (failed?.ok === false)
    return {
      ok: false,
      error: failed.error.message,
      ...(failed.error.hint === undefined ? {} : { hint: failed.error.hint }),
    };
  if (rootfs === undefined || metadata === undefined) return { ok: false, error: "It was not evaluated" };
  return { ok: true, rootfsPath: imageFile(rootfs.outPath), metadataPath: imageFile(metadata.outPath) };
}

function asAnswer(error: unknown): FloeError {
  if (error instanceof FloeError && !(error instanceof CancelledError)) return error;
  throw error;
}
