/** One change of one instance, by its method. */
import { FloeError } from "../errors.ts";
import type { InstanceChange } from "../model/plan.ts";
import type { DesiredInstance } from "../plan/desired.ts";
import { label } from "../plan/labels.ts";
import { isProved } from "../plan/recovery.ts";
import { newBody } from "./bodies.ts";
import type { ApplyContext, Outcome, Target } from "./context.ts";
import { createInstance, proveInstance } from "./create.ts";
import { relabelInstance, updateInstance } from "./live.ts";
import { readObjects } from "./objects.ts";
import { swapInstance } from "./swap.ts";

export interface Task {
  readonly change: InstanceChange;
  readonly desired: DesiredInstance;
  /** Of the image on the server. */
  readonly fingerprint: string | undefined;
}

export async function changeInstance(
  context: ApplyContext,
  target: Target,
  { change, desired, fingerprint }: Task,
): Promise<Outcome> {
  // Whose the names are is looked at once more, right before anything is touched.
  const { current } = await readObjects(target, context.fleet);
  switch (change.method) {
    case "create":
      return createInstance(context, target, newBody(desired, requireImage(desired, fingerprint)));
    case "swap":
      if (current !== undefined && isProved(current) && isOnlyNewNames(change, current.config, fingerprint))
        return relabelInstance(context, target, desired);
      return swapInstance(
        context,
        target,
        { kind: "new", body: newBody(desired, requireImage(desired, fingerprint), current) },
        { start: desired.autostart },
      );
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

// --- internal ---

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
