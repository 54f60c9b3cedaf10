/** The order in which a plan's instances change, from what the fleet says about them. Pure. */
import { type Fleet, type Instance, instancesOf, type Rollout } from "../model/fleet.ts";
import type { Change, InstanceChange, Plan, Problem } from "../model/plan.ts";
import { instanceAddress } from "./labels.ts";
import { findCycle, type Orderable, oneByOne, orderTurns, type Turn, wavesOf } from "./order.ts";

export interface RolloutOptions {
  /** The first instance of each image goes alone, whatever the containers say. */
  readonly canary: boolean;
}

/** One turn for each instance that changes and is not deleted, in the order in which they are begun. */
export function turnsOf(fleet: Fleet, changes: readonly Change[], { canary }: RolloutOptions): Turn[] {
  const declared = new Map(instancesOf(fleet).map((instance) => [instanceAddress(instance), instance]));
  const due = changes.filter((change): change is InstanceChange => change.kind === "instance" && isTurn(change));
  const orderable = due.map((change): Orderable => {
    const { dependsOn, boot } = declared.get(change.address) ?? {};
    return { ...change, dependsOn, boot };
  });
  return orderTurns(orderable, (container) => {
    const rollout = rolloutOf(fleet, container);
    return { ...rollout, canary: canary || rollout.canary };
  });
}

/** The instances' changes in the order in which they are carried out, and the waves of that. */
export function arrange(
  fleet: Fleet,
  changes: readonly InstanceChange[],
  options: RolloutOptions,
): Required<Pick<Plan, "waves">> & { readonly changes: readonly InstanceChange[] } {
  const turns = turnsOf(fleet, changes, options);
  const position = new Map(turns.map(({ address }, index) => [address, index]));
  const moving = changes.filter(({ address }) => position.has(address));
  moving.sort((a, b) => (position.get(a.address) ?? 0) - (position.get(b.address) ?? 0));
  // What does not move keeps its place.
  const sorted = changes.map((change) => (position.has(change.address) ? (moving.shift() as InstanceChange) : change));
  return { changes: sorted, waves: wavesOf(turns) };
}

/** How many instances change at once where the user does not say: two, or as many as a container asks for. */
export function defaultParallel(fleet: Fleet, changes: readonly Change[]): number {
  const containers = changes.flatMap((change) => (change.kind === "instance" ? [change.container] : []));
  return Math.max(instancesAtOnce, ...containers.map((container) => rolloutOf(fleet, container).parallel));
}

export function rolloutOf(fleet: Fleet, container: string): Rollout {
  return fleet.containers[container]?.rollout ?? oneByOne;
}

/** Instances that wait for each other in a circle cannot be ordered: none of them is planned. */
export function cycleProblems(chosen: readonly Instance[]): Problem[] {
  const cycle = findCycle(chosen.map((instance) => ({ ...instance, address: instanceAddress(instance) })));
  if (cycle === undefined) return [];
  return [...new Set(cycle)].map((name) => ({
    subject: `instance ${name}`,
    message: `It depends on itself: ${cycle.join(" → ")}`,
    hint: 'Take one of them out of "dependsOn"',
  }));
}

// --- internal ---

const instancesAtOnce = 2;

function isTurn({ action, method }: InstanceChange): boolean {
  return action !== "none" && method !== "delete";
}
