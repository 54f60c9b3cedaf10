/** One apply as it goes on: what its stages share. */
import { FloeError } from "../errors.ts";
import type { Evaluation } from "../model/evaluation.ts";
import { type Fleet, instancesOf } from "../model/fleet.ts";
import type { ImageChange, InstanceChange, Plan } from "../model/plan.ts";
import { type DesiredInstance, desiredInstance, imageFor, seedOf } from "../plan/desired.ts";
import { imageAddress, instanceAddress } from "../plan/labels.ts";
import { type Clients, observe } from "../plan/observe.ts";
import { withProfiles } from "../plan/own-profile.ts";
import { makePlan } from "../plan/plan.ts";
import type { Emit } from "../report/events.ts";
import type { Journal } from "../state/journal.ts";
import { defined } from "../util/defined.ts";
import { readListeners } from "../util/listeners.ts";
import { requireClient } from "./clients.ts";
import type { ApplyContext, Target } from "./context.ts";
import type { BuildImages, HashImage } from "./images.ts";
import type { Systems } from "./in-place/systems.ts";
import type { Recorder } from "./recorder.ts";

export interface ApplyInput {
  readonly plan: Plan;
  readonly fleet: Fleet;
  readonly evaluation: Evaluation;
  readonly clients: Clients;
  readonly build: BuildImages;
  readonly hash: HashImage;
  /** For instances that are updated in place. */
  readonly systems?: Systems;
  readonly emit: Emit;
  readonly signal: AbortSignal;
  /** Opened with the lock of the project held; it is ended here. */
  readonly journal: Journal;
  readonly options?: ApplyOptions;
}

export interface ApplyOptions {
  /** Carry out the sound parts of a plan that has problems. */
  readonly partial?: boolean;
  /** Instances that change at the same time; absent: see `defaultParallel`. */
  readonly maxParallel?: number;
  /** Begin nothing more after the first failure. */
  readonly failFast?: boolean;
}

export interface Run {
  readonly input: ApplyInput;
  readonly context: ApplyContext;
  readonly record: Recorder;
  /** As it is after recovery. */
  plan: Plan;
  /** Fingerprint of each image, by its address. */
  readonly fingerprints: Map<string, string>;
  /** Profiles whose content was changed and is not committed, or is put back already; by address. */
  readonly profiles: Map<string, "changed" | "back">;
}

/** The same question again, to the world as it is now. */
export async function planAgain({ plan, fleet, evaluation, clients, signal }: ApplyInput): Promise<Plan> {
  const observed = await observe({ fleet, clients, listeners: readListeners, signal });
  return makePlan({
    fleet,
    evaluation,
    observed,
    selection: plan.selection,
    prune: plan.prune,
    canary: plan.canary === true,
    drift: plan.drift ?? "keep",
  });
}

export function desiredOf({ plan, fleet, evaluation }: ApplyInput, change: InstanceChange): DesiredInstance {
  const instance = instancesOf(fleet).find((candidate) => instanceAddress(candidate) === change.address);
  // As the plan found it: its alias may have moved since.
  const planned = imageChanges(plan).find(({ address }) => address === imageAddress(change))?.foreign?.here;
  const image =
    instance &&
    imageFor(instance, { fleet, evaluation }, () => (planned === undefined ? undefined : { fingerprint: planned }));
  if (instance === undefined || image === undefined)
    throw new FloeError(`The instance "${change.name}" is not described any more`);
  return withProfiles(desiredInstance(instance, image).instance, fleet, plan.drift);
}

/** Also for instances that are not described: then everything is kept and nothing is checked. */
export function targetOf({ fleet, clients }: ApplyInput, change: InstanceChange): Target {
  const instance = instancesOf(fleet).find((candidate) => instanceAddress(candidate) === change.address);
  const client = requireClient(clients, change.server);
  return {
    client,
    address: change.address,
    project: change.project,
    name: change.name,
    keep: instance?.keep ?? 2,
    health: instance?.health ?? [],
    ...defined({ member: instance?.member, seed: instance && seedOf(instance) }),
  };
}

export function instanceChanges(plan: Plan): InstanceChange[] {
  return plan.changes.filter((change) => change.kind === "instance");
}

export function imageChanges(plan: Plan): ImageChange[] {
  return plan.changes.filter((change) => change.kind === "image");
}
