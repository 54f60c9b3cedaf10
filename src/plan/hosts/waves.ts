/** In which order hosts change: the order of instances, with all hosts as one batch. Pure. */
import type { Problem } from "../../model/plan.ts";
import { findCycle, type Orderable, orderTurns, wavesOf } from "../order.ts";

export interface HostRollout {
  /** The first host goes alone. */
  readonly canary?: boolean;
  /** How many change at once; absent: all. */
  readonly parallel?: number;
}

interface OrderedHost {
  readonly name: string;
  readonly dependsOn?: readonly string[] | undefined;
}

/** Names by the earliest moment they can change: everything of a wave may change at once. */
export function wavesOfHosts(hosts: readonly OrderedHost[], rollout: HostRollout = {}): string[][] {
  const { canary = false, parallel = Math.max(1, hosts.length) } = rollout;
  return wavesOf(orderTurns(hosts.map(toOrderable), () => ({ canary, parallel })));
}

/** Hosts that wait for each other in a circle cannot be ordered: none of them is changed. */
export function cycleProblems(hosts: readonly OrderedHost[]): Problem[] {
  const cycle = findCycle(hosts.map(toOrderable));
  if (cycle === undefined) return [];
  return [...new Set(cycle)].map((name) => ({
    subject: `host ${name}`,
    message: `It depends on itself: ${cycle.join(" → ")}`,
    hint: 'Take one of them out of "dependsOn"',
  }));
}

// --- internal ---

function toOrderable({ name, dependsOn }: OrderedHost): Orderable {
  return { address: name, name, server: "", project: "", container: "", dependsOn };
}
