/**
 * Carries out a plan:
 *
 *     check → recover → volumes → images → instances → aliases → orphans → old images
 *
 * A container that fails does not stop the others; the instances of one image go one after the other, and the first
 * failure spares the rest of them.
 */
import { CancelledError, FloeError, PlanStaleError } from "../errors.ts";
import type { IncusClient } from "../incus/types.ts";
import type { Evaluation } from "../model/evaluation.ts";
import { type Fleet, instancesOf } from "../model/fleet.ts";
import type { ImageChange, InstanceChange, Plan } from "../model/plan.ts";
import { type DesiredInstance, desiredImage, desiredInstance } from "../plan/desired.ts";
import { imageAddress, instanceAddress, volumeAddress } from "../plan/labels.ts";
import { readListeners } from "../plan/listeners.ts";
import { type Clients, observe } from "../plan/observe.ts";
import { isStale, makePlan } from "../plan/plan.ts";
import type { Emit } from "../report/events.ts";
import type { ApplyReport } from "../report/reduce.ts";
import type { Journal } from "../state/journal.ts";
import { requireClient } from "./clients.ts";
import { type ApplyContext, done, type Outcome, reasonOf, step, type Target } from "./context.ts";
import { type BuildImages, type HashImage, type ImageFiles, moveAlias, sendImage } from "./images.ts";
import { changeInstance } from "./instance.ts";
import { inParallel } from "./parallel.ts";
import { pruneImages } from "./prune.ts";
import { recoverInstance, recoveryHint } from "./recover.ts";
import { type Recorder, recorder } from "./recorder.ts";
import { removeInstance } from "./remove.ts";
import { createVolume } from "./volumes.ts";

export interface ApplyInput {
  readonly plan: Plan;
  readonly fleet: Fleet;
  readonly evaluation: Evaluation;
  readonly clients: Clients;
  readonly build: BuildImages;
  readonly hash: HashImage;
  readonly emit: Emit;
  readonly signal: AbortSignal;
  /** Opened with the lock of the project held; it is ended here. */
  readonly journal: Journal;
  readonly options?: ApplyOptions;
}

export interface ApplyOptions {
  /** Carry out the sound parts of a plan that has problems. */
  readonly partial?: boolean;
}

/** Containers that change at the same time. */
const containersAtOnce = 2;

/**
 * What came of each change is in the report, failures too; its exit code is 4 when something failed and was undone, 5 when
 * an undo failed.
 * @throws PlanStaleError when the world moved since the plan; FloeError when it has problems (see `partial`);
 * CancelledError when the signal aborted, with the report in its details: what was begun is undone by then
 */
export async function applyPlan(input: ApplyInput): Promise<ApplyReport> {
  const { plan, emit, journal } = input;
  const record = recorder(plan, emit, journal);
  const begin = performance.now();
  const ms = (): number => Math.round(performance.now() - begin);
  try {
    const run = await start(input, record);
    await recoverAll(run);
    await makeVolumes(run);
    await makeImages(run);
    await changeInstances(run);
    await tidyUp(run);
    if (input.signal.aborted) throw new CancelledError("Stopped: what had begun is undone or done, the rest was not begun", { hint: 'Run "floe apply" again to go on' });
    return record.end(ms());
  } catch (error) {
    const exitCode = error instanceof FloeError ? error.exitCode : 1;
    const report = record.end(ms(), exitCode);
    if (error instanceof CancelledError) throw new CancelledError(error.message, { hint: error.hint, cause: error, details: { report } });
    throw error;
  }
}

// --- internal ---

interface Run {
  readonly input: ApplyInput;
  readonly context: ApplyContext;
  readonly record: Recorder;
  /** As it is after recovery. */
  plan: Plan;
  /** Fingerprint of each image, by its address. */
  readonly fingerprints: Map<string, string>;
}

async function start(input: ApplyInput, record: Recorder): Promise<Run> {
  const { plan, fleet, journal, signal } = input;
  const fresh = await planAgain(input);
  if (isStale(plan, fresh)) {
    throw new PlanStaleError("The world has changed since the plan was made", { hint: "Make a new plan and look at it: floe plan" });
  }
  if (plan.problems.length > 0 && input.options?.partial !== true) {
    const [first] = plan.problems;
    throw new FloeError(`The plan has problems: ${first?.subject}: ${first?.message}`, { hint: first?.hint, details: { problems: plan.problems } });
  }
  const context: ApplyContext = { fleet: fleet.name, journal, signal, emit: record.emit };
  return { input, context, record, plan: fresh, fingerprints: new Map() };
}

/** The same question again, to the world as it is now. */
async function planAgain({ plan, fleet, evaluation, clients, signal }: ApplyInput): Promise<Plan> {
  const observed = await observe({ fleet, clients, listeners: readListeners, signal });
  return makePlan({ fleet, evaluation, observed, selection: plan.selection, prune: plan.prune });
}

/** First of all, what an interrupted apply left: what ran before it runs again before anything else is tried. */
async function recoverAll(run: Run): Promise<void> {
  const { context, record, input } = run;
  const broken = instanceChanges(run.plan).filter(({ method }) => method === "recover");
  if (broken.length === 0 || context.signal.aborted) return;
  record.emit({ type: "phase.start", phase: "recover", count: broken.length });
  for (const change of broken) {
    const target = targetOf(input, change);
    try {
      await recoverInstance(context, target);
    } catch (error) {
      record.settle(change.address, { outcome: "failed", ...reasonOf(error), hint: await recoveryHint(context, target) });
    }
  }
  const failed = new Set(broken.map(({ address }) => address).filter((address) => record.outcomeOf(address) !== undefined));
  record.emit({ type: "phase.end", phase: "recover", ok: failed.size === 0 });
  run.plan = await planAgain(input);
  const pending = new Set(instanceChanges(run.plan).filter(({ action }) => action !== "none").map(({ address }) => address));
  for (const { address } of broken) if (!failed.has(address) && !pending.has(address)) record.settle(address, done);
  record.replan(run.plan);
}

async function makeVolumes({ plan, input, context, record }: Run): Promise<void> {
  for (const change of plan.changes) {
    if (change.kind !== "volume" || change.action === "none" || context.signal.aborted) continue;
    await record.change(change.address, () => createVolume(context, requireClient(input.clients, change.server), change));
  }
}

async function makeImages(run: Run): Promise<void> {
  const { plan, input, context, record, fingerprints } = run;
  const images = imageChanges(plan);
  for (const { address, fingerprint } of images) if (fingerprint !== undefined) fingerprints.set(address, fingerprint);
  const missing = images.filter(({ action }) => action === "create");
  if (missing.length === 0 || context.signal.aborted) return;
  const containers = [...new Set(missing.map(({ container }) => container))];
  const built = await input.build(containers, { signal: context.signal, emit: record.emit });
  if (context.signal.aborted) return;
  record.emit({ type: "phase.start", phase: "upload", count: missing.length });
  for (const container of containers) {
    await sendToServers(run, missing.filter((change) => change.container === container), built[container]);
  }
  record.emit({ type: "phase.end", phase: "upload", ok: missing.every(({ address }) => record.outcomeOf(address) === "done") });
}

/** Hashed once, sent to each server. */
async function sendToServers({ input, context, record, fingerprints }: Run, changes: readonly ImageChange[], built: Awaited<ReturnType<BuildImages>>[string] | undefined): Promise<void> {
  let files: (ImageFiles & { readonly fingerprint: string }) | undefined;
  for (const change of changes) {
    await record.change(change.address, async () => {
      if (built === undefined) throw new FloeError(`The image of "${change.container}" was not built`);
      if (!built.ok) return { outcome: "undone", error: built.error, ...(built.hint === undefined ? {} : { hint: built.hint }) };
      files ??= { ...built, fingerprint: await step(context, change.address, "hash", () => input.hash(built, { signal: context.signal })) };
      const outcome = await sendImage(context, requireClient(input.clients, change.server), change, files, files.fingerprint);
      fingerprints.set(change.address, files.fingerprint);
      return outcome;
    });
  }
}

async function changeInstances(run: Run): Promise<void> {
  const { plan, record } = run;
  const changes = instanceChanges(plan).filter(({ action, method, address }) => action !== "none" && method !== "delete" && record.outcomeOf(address) === undefined);
  if (changes.length === 0) return;
  record.emit({ type: "phase.start", phase: "apply", count: changes.length });
  const containers = [...new Set(changes.map(({ container }) => container))];
  const tasks = containers.map((container) => () => changeContainer(run, changes.filter((change) => change.container === container)));
  await inParallel(tasks, containersAtOnce);
  record.emit({ type: "phase.end", phase: "apply", ok: changes.every(({ address }) => record.outcomeOf(address) === "done") });
}

async function changeContainer(run: Run, changes: readonly InstanceChange[]): Promise<void> {
  const { input, context, record, fingerprints } = run;
  let failed: string | undefined;
  for (const change of changes) {
    const desired = desiredOf(input, change);
    const obstacle = obstacleTo(run, change, desired, failed);
    if (obstacle !== undefined) {
      record.settle(change.address, { outcome: "skipped", error: obstacle });
      continue;
    }
    const target = { ...targetOf(input, change), health: desired.health, keep: desired.keep };
    const { outcome } = await record.change(change.address, () => changeInstance(context, target, { change, desired, fingerprint: fingerprints.get(imageAddress(change)) }));
    if (outcome !== "done") failed = change.name;
  }
}

/** Why a change is not even begun. */
function obstacleTo({ context, record }: Run, change: InstanceChange, desired: DesiredInstance, failed: string | undefined): string | undefined {
  if (context.signal.aborted) return "Stopped before it was its turn";
  if (failed !== undefined) return `"${failed}", made from the same image, failed before`;
  const image = record.outcomeOf(imageAddress(change));
  if (image !== undefined && image !== "done") return `The image of "${change.container}" could not be made`;
  const missing = desired.volumes.find((volume) => (record.outcomeOf(volumeAddress({ ...change, ...volume })) ?? "done") !== "done");
  return missing === undefined ? undefined : `The volume "${missing.name}" could not be made`;
}

/** What is left when every instance is where it should be: nothing here can harm what runs. */
async function tidyUp(run: Run): Promise<void> {
  const { plan, context, record, input } = run;
  if (context.signal.aborted) return skipRest(run);
  for (const image of imageChanges(plan)) await settleAlias(run, image);
  for (const change of instanceChanges(plan)) {
    if (change.method === "delete" && !context.signal.aborted) await record.change(change.address, () => removeInstance(context, targetOf(input, change)));
  }
  for (const target of pruneTargets(run)) if (!context.signal.aborted) await pruneImages(context, target);
  skipRest(run);
}

function skipRest({ record }: Run): void {
  for (const { address, outcome } of record.report().changes) if (outcome === undefined) record.settle(address, { outcome: "skipped", error: "Stopped before it was its turn" });
}

/** The alias follows when all planned instances of the image on this server run it. */
async function settleAlias({ plan, input, context, record, fingerprints }: Run, image: ImageChange): Promise<void> {
  const users = instanceChanges(plan).filter((change) => imageAddress(change) === image.address);
  const isTouched = image.action !== "none" || users.some(({ action }) => action !== "none");
  const fingerprint = fingerprints.get(image.address);
  if (!isTouched) return;
  const isSettled = users.every(({ address, action }) => action === "none" || record.outcomeOf(address) === "done");
  const only = image.action === "update";
  if (fingerprint === undefined || !isSettled) {
    if (only) record.settle(image.address, { outcome: "skipped", error: "Not all instances of the image are up to date" });
    return;
  }
  const move = async (): Promise<Outcome> => {
    await moveAlias(context, requireClient(input.clients, image.server), image, fingerprint);
    return done;
  };
  if (only) await record.change(image.address, move);
  else await move().catch((error: unknown) => record.emit({ type: "message", level: "warning", text: `The alias "${image.container}" could not be moved: ${String((error as Error).message)}` }));
}

function pruneTargets({ plan, input, record }: Run): Parameters<typeof pruneImages>[1][] {
  const described = imageChanges(plan).filter((image) => {
    const users = instanceChanges(plan).filter((change) => imageAddress(change) === image.address);
    return [image.address, ...users.map(({ address }) => address)].some((address) => record.outcomeOf(address) === "done");
  });
  const containers = new Set(Object.keys(input.fleet.containers));
  const removed = instanceChanges(plan).filter(({ method, container, address }) => method === "delete" && !containers.has(container) && record.outcomeOf(address) === "done");
  const targets = [...described.map((image) => ({ ...image, keep: keepOf(input.fleet, image) })), ...removed.map((change) => ({ ...change, address: imageAddress(change), keep: 0 }))];
  return [...new Map(targets.map((target) => [target.address, target])).values()].map(({ address, server, project, container, keep }) => ({
    client: requireClient(input.clients, server),
    address,
    project,
    container,
    keep,
  }));
}

function keepOf(fleet: Fleet, { container, server, project }: ImageChange): number {
  const users = instancesOf(fleet).filter((instance) => instance.container === container && instance.server === server && instance.project === project);
  return Math.max(1, ...users.map(({ keep }) => keep));
}

function desiredOf({ fleet, evaluation }: ApplyInput, change: InstanceChange): DesiredInstance {
  const instance = instancesOf(fleet).find((candidate) => instanceAddress(candidate) === change.address);
  const image = instance && desiredImage(evaluation, instance.container);
  if (instance === undefined || image === undefined) throw new FloeError(`The instance "${change.name}" is not described any more`);
  return desiredInstance(instance, image).instance;
}

/** Also for instances that are not described: then everything is kept and nothing is checked. */
function targetOf({ fleet, clients }: ApplyInput, change: InstanceChange): Target {
  const instance = instancesOf(fleet).find((candidate) => instanceAddress(candidate) === change.address);
  const client: IncusClient = requireClient(clients, change.server);
  return { client, address: change.address, project: change.project, name: change.name, keep: instance?.keep ?? 2, health: instance?.health ?? [] };
}

function instanceChanges(plan: Plan): InstanceChange[] {
  return plan.changes.filter((change) => change.kind === "instance");
}

function imageChanges(plan: Plan): ImageChange[] {
  return plan.changes.filter((change) => change.kind === "image");
}
