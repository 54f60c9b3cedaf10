/**
 * What floe does with a fleet, as its table of contents:
 *
 *     load → synth → write → stage → evaluate → observe → plan → apply → report
 *
 * Each step is one function whose result is plain data; they are in pipeline/, a file for each step. Exported as "floe/pipeline"; the command line
 * uses nothing else, and verbs that shall start quickly import the files of their steps. What an unchanged project does not need is imported
 * where it is used: reading code is most of the time that a `plan` takes.
 */

// What every step is given

export type { IncusClient } from "./incus/types.ts";
export { type Durations, durationsOf } from "./pipeline/durations.ts";
export { cacheDir, type Work } from "./pipeline/work.ts";
export { history, type JournalEntry, type JournalSummary, readRun } from "./state/journal.ts";
export { acquireLock, type Lock, whoRuns } from "./state/lock.ts";

// load → synth → write

export { findProject, load, loadFleet, type Project, projectAbove, rememberedFleet } from "./pipeline/load.ts";
export { type Prepared, prepare, prepareConnected, type Recalled, recall } from "./pipeline/prepare.ts";
export { readGenerated, synthFlake, wholeTreeReads, writeFlake, wrongValues } from "./pipeline/write.ts";
export { compareFiles, type FileDifferences, isCurrent } from "./synth/files.ts";
export type { FlakeFiles } from "./synth/synth.ts";

// stage → evaluate

export type { FleetNames } from "./nix/evaluation-cache.ts";
export { askFleet, evaluate, lookAhead, type TryOptions, tryEvaluate } from "./pipeline/evaluate.ts";
export { allNames, imageNames } from "./pipeline/names.ts";
export { recallEvaluation } from "./pipeline/recall-evaluation.ts";
export { type RefreshOptions, refreshTypes } from "./pipeline/types.ts";
export type { GeneratedTypes, ReadMachine } from "./types/generate-types.ts";

// connect → observe → plan

export { type Connections, connectTo, type InstanceConnection, openConnections, remotes } from "./pipeline/connect.ts";
export { currentHolder, observe, type Planned, type PlanScope, plan, runningInstances } from "./pipeline/plan.ts";
export { isStale } from "./plan/plan.ts";
export type { Added as AddedRemote } from "./remotes/add.ts";
export { connectServer as connect } from "./remotes/connect-server.ts";
export type { KnownRemote } from "./remotes/list.ts";

// build → apply → report

export type { BuildOutcome, BuildRequest } from "./nix/build.ts";
export { type ApplyRequest, apply, closeUnfinished } from "./pipeline/apply.ts";
export { build } from "./pipeline/build.ts";

// Instances one by one, and what is left of them

export type { PrunedImage } from "./apply/prune-images.ts";
export type { PowerAction, PowerResult } from "./apply/set-power.ts";
export { followConsole, knownLength, lastLines } from "./incus/console-log.ts";
export { hasJournal, type JournalOptions, writeJournal } from "./incus/journal.ts";
export { loginShell } from "./incus/login-shell.ts";
export type { ExecStreams } from "./incus/types.ts";
export { type PruneRequest, pruneImages } from "./pipeline/images.ts";
export {
  askHealth,
  changeSnapshot,
  type PowerRequest,
  planRollback,
  rollback,
  type SnapshotRequest,
  setPower,
} from "./pipeline/instances.ts";
export { type ListedGeneration, listGenerations } from "./plan/generation-list.ts";

// The same pipeline for hosts

export type { HostAction, HostsOptions } from "./apply/hosts/run.ts";
export type { AskPassword } from "./machine/machine.ts";
export { type ApplyHostsRequest, applyHosts, copyAhead, openCopies } from "./pipeline/apply-hosts.ts";
export { type BuildHostsOptions, type BuiltHost, buildHosts, pushBuilt, systemAt } from "./pipeline/build-hosts.ts";
export { hostProblems } from "./pipeline/each-host.ts";
export { guardHosts, observeHosts, rememberHosts, settleUnfinished } from "./pipeline/observe-hosts.ts";
export { type ByHost, type OpenHosts, openHosts, thisHost } from "./pipeline/open-hosts.ts";
export { type PlanHostsRequest, planHosts, planOnly, unchangedHosts } from "./pipeline/plan-hosts.ts";
export { type PrepareHostsRequest, prepareHosts, soundPart } from "./pipeline/prepare-hosts.ts";
export type { ObservedHost } from "./plan/hosts/observed.ts";

// What hosts were before, and what is left of it

export type { DescribedGeneration, PackagesChanged } from "./generations/describe.ts";
export { droppedOf, type GcPlan, type GcResult, isClean } from "./generations/gc-plan.ts";
export type { GcPolicy, KeepReason, SortedProfile } from "./generations/gc-policy.ts";
export * from "./pipeline/generations.ts";

// The same pipeline for homes

export type { HomesOptions } from "./apply/homes/apply-homes.ts";
export type { HomeChange, HomePlan } from "./model/home-plan.ts";
export * from "./pipeline/homes.ts";

// The same pipeline for flake.lock

export type { Updated } from "./nix/update.ts";
export * from "./pipeline/update.ts";
export type { UpdateCommit } from "./update/commit.ts";
export type { Commits, InputChange, Revision } from "./update/input-changes.ts";
export type { OldInput } from "./update/old-inputs.ts";
export type { PartChange } from "./update/parts.ts";
export type { ProposedUpdate } from "./update/propose.ts";
export type { SecondNixpkgs, SecondUse } from "./update/second-nixpkgs.ts";

// Beside the pipeline

export type { ProposedAdoption } from "./adopt/adopt.ts";
export type { Entries as FlakeEntries, FlakeAdoption } from "./adopt-flake/adopt-flake.ts";
export type { Finding } from "./format/run-tools.ts";
export { adoption, flakeAdoption } from "./pipeline/adopt.ts";
export { ci, compareWith } from "./pipeline/ci.ts";
export { hasFlakeFormatter } from "./pipeline/flake-formatter.ts";
export { formatProject, formatWhole, loadTooling, type ToolsReport } from "./pipeline/format.ts";
export { drawGraph, type GraphFormat, writeDrawing } from "./pipeline/graph.ts";
export { hooks } from "./pipeline/hooks.ts";
export { nightlyUnits, serveUnits, summariseApply, tellSummary, writeUnits } from "./pipeline/services.ts";
export { lastFiles, makeDevShell } from "./pipeline/shells.ts";
