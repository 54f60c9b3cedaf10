/** One apply as it goes on: what its stages share. */
import { FloeError } from "../errors.ts";
import type { Evaluation } from "../model/evaluation.ts";
import { type Fleet, instancesOf } from "../model/fleet.ts";
import type { ImageChange, InstanceChange, Plan } from "../model/plan.ts";
import { type DesiredInstance, desiredImage, desiredInstance } from "../plan/desired.ts";
import { instanceAddress } from "../plan/labels.ts";
import { readListeners } from "../plan/listeners.ts";
import { type Clients, observe } from "../plan/observe.ts";
import { makePlan } from "../plan/plan.ts";
import type { Emit } from "../report/events.ts";
import type { Journal } from "../state/journal.ts";
import { requireClient } from "./clients.ts";
import type { ApplyContext, Target } from "./context.ts";
import type { BuildImages, HashImage } from "./images.ts";
import type { Recorder } from "./recorder.ts";

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

export interface Run {
  readonly input: ApplyInput;
  readonly context: ApplyContext;
  readonly record: Recorder;
  /** As it is after recovery. */
  plan: Plan;
  /** Fingerprint of each image, by its address. */
  readonly fingerprints: Map<string, string>;
}

/** The same question again, to the world as it is now. */
export async function planAgain({ plan, fleet, evaluation, clients, signal }: ApplyInput): Promise<Plan> {
  const observed = await observe({ fleet, clients, listeners: readListeners, signal });
  return makePlan({ fleet, evaluation, observed, selection: plan.selection, prune: plan.prune });
}

export function desiredOf({ fleet, evaluation }: ApplyInput, change: InstanceChange): DesiredInstance {
  const instance = instancesOf(fleet).find((candidate) => instanceAddress(candidate) === change.address);
  const image = instance && desiredImage(evaluation, instance.container);
  if (instance === undefined || image === undefined)
    throw new FloeError(`The instance "${change.name}" is not described any more`);
  return desiredInstance(instance, image).instance;
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
  };
}

export function instanceChanges(plan: Plan): InstanceChange[] {
  return plan.changes.filter((change) => change.kind === "instance");
}

export function imageChanges(plan: Plan): ImageChange[] {
  return plan.changes.filter((change) => change.kind === "image");
}
