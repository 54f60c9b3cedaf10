/** One change of one instance, by its method. */
import { FloeError } from "../errors.ts";
import type { InstanceChange } from "../model/plan.ts";
import type { DesiredInstance } from "../plan/desired.ts";
import { label } from "../plan/labels.ts";
import { isProved } from "../plan/recovery.ts";
import { changedBody, committedBody, imageLabels, newBody } from "./bodies.ts";
import type { ApplyContext, Outcome, Target } from "./context.ts";
import { createInstance, proveInstance } from "./create.ts";
import type { Systems } from "./in-place/systems.ts";
import { aroundNewRoot, switchInPlace } from "./in-place/update.ts";
import { relabelInstance, updateInstance } from "./live.ts";
import { readObjects } from "./objects.ts";
import { type Renewal, rebuildInstance } from "./rebuild.ts";
import { swapInstance } from "./swap.ts";

export interface Task {
  readonly change: InstanceChange;
  readonly desired: DesiredInstance;
  /** Of the image on the server. */
  readonly fingerprint: string | undefined;
  /** For instances that are updated in place. */
  readonly systems: Systems | undefined;
}

export function changeInstance(context: ApplyContext, target: Target, task: Task): Promise<Outcome> {
  return aroundNewRoot(context, target, task, () => carryOut(context, target, task));
}

// --- internal ---

async function carryOut(
  context: ApplyContext,
  target: Target,
  { change, desired, fingerprint, systems }: Task,
): Promise<Outcome> {
  // Whose the names are is looked at once more, right before anything is touched.
  const { current } = await readObjects(target, context.fleet);
  switch (change.method) {
    case "create":
      return createInstance(context, target, newBody(desired, requireImage(desired, fingerprint)));
    case "swap":
    case "swap-warm":
    case "rebuild":
      if (current !== undefined && isProved(current) && isOnlyNewNames(change, current.config, fingerprint))
        return relabelInstance(context, target, desired);
      if (change.method === "rebuild")
        return rebuildInstance(context, target, renewalOf(context, desired, requireImage(desired, fingerprint)));
      return swapInstance(
        context,
        target,
        { kind: "new", body: newBody(desired, requireImage(desired, fingerprint), current) },
        { start: desired.autostart, warm: change.method === "swap-warm" },
      );
    case "in-place":
      return switchInPlace(context, target, { change, desired, systems });
    case "live":
    case "restart":
    case "start":
      return updateInstance(context, target, desired, change.method);
    case "relabel":
      return relabelInstance(context, target, desired);
    case "recover":
      return proveInstance(context, target, desired.autostart);
    case "delete":
    case null:
      throw new FloeError(`There is nothing to do for "${change.name}"`);
  }
}

/** Settings that change together with the image are taken back with it. */
function renewalOf({ journal }: ApplyContext, desired: DesiredInstance, fingerprint: string): Renewal {
  return {
    fingerprint,
    start: desired.autostart,
    change: (body) => changedBody(body, desired, { restart: true, resume: false }),
    commit: (body) => {
      const committed = committedBody(body, desired, journal.id);
      return { ...committed, config: { ...committed.config, ...imageLabels(desired) } };
    },
  };
}

function requireImage({ container }: DesiredInstance, fingerprint: string | undefined): string {
  if (fingerprint === undefined)
    throw new FloeError(`The image of "${container}" is not on the server`, { hint: "Make a new plan" });
  return fingerprint;
}

/** Another derivation came to the very same bytes: there is nothing to swap. */
function isOnlyNewNames(
  { differences }: InstanceChange,
  config: Readonly<Record<string, string>>,
  fingerprint: string | undefined,
): boolean {
  return (
    fingerprint !== undefined &&
    config["volatile.base_image"] === fingerprint &&
    config[label.pending] === undefined &&
    differences.every(({ key }) => key === "image")
  );
}
