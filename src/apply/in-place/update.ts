/** The changes of a plan that have to do with a server's store. */
import { FloeError } from "../../errors.ts";
import { type InstanceChange, makesRoot } from "../../model/plan.ts";
import type { DesiredInstance } from "../../plan/desired.ts";
import { changedBody, committedBody } from "../bodies.ts";
import type { ApplyContext, Outcome, Target } from "../context.ts";
import { switchSystem } from "./switch.ts";
import { deliverSystem, retainSystems, type Systems } from "./systems.ts";

export interface InPlaceTask {
  readonly change: InstanceChange;
  readonly desired: DesiredInstance;
  readonly systems: Systems | undefined;
}

/** Another system for an instance that is there. Config and devices that change with it are taken back with it. */
export async function switchInPlace(
  context: ApplyContext,
  target: Target,
  { change, desired, systems }: InPlaceTask,
): Promise<Outcome> {
  const { system } = desired.image;
  if (system === undefined || systems === undefined) throw noSystem(desired);
  const restart = change.differences.some(({ reach }) => reach === "restart");
  return switchSystem(context, target, systems, {
    system,
    restart,
    start: desired.autostart,
    marked: (body, wasUp) => changedBody(body, desired, { restart, resume: restart && wasUp }),
    committed: (body) => committedBody(body, desired, context.journal.id),
  });
}

/** Whatever makes a new root: its system is there before it, and those that nothing needs any more may be collected after it. */
export async function aroundNewRoot(
  context: ApplyContext,
  target: Target,
  { change, desired, systems }: InPlaceTask,
  action: () => Promise<Outcome>,
): Promise<Outcome> {
  const { system } = desired.image;
  const isNew = change.method !== null && makesRoot(change.method);
  if (!isNew || (systems === undefined && system === undefined)) return action();
  if (systems === undefined) throw noSystem(desired);
  if (system !== undefined) await deliverSystem(context, target, systems, system);
  const outcome = await action();
  if (outcome.outcome === "done") await retainSystems(context, target, systems, system === undefined ? [] : [system]);
  return outcome;
}

// --- internal ---

function noSystem({ name }: DesiredInstance): FloeError {
  return new FloeError(`The system of "${name}" is not known`, { hint: "Make a new plan" });
}
