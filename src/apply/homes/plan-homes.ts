/** Homes as they are beside what they should be: the plan. */
import { CancelledError, FloeError } from "../../errors.ts";
import { type ObservedGenerations, observeGenerations } from "../../generations/observe.ts";
import type { Machine } from "../../machine/machine.ts";
import type { HomeChange, HomePlan } from "../../model/home-plan.ts";
import type { Problem } from "../../model/plan.ts";
import { type Closure, comparePackages, sizeOf } from "../../plan/hosts/packages.ts";
import { defined } from "../../util/defined.ts";
import { mapLimit } from "../../util/map-limit.ts";

export interface HomeToPlan {
  readonly name: string;
  readonly machine: Machine;
  /** Store path of the generation that is to be. */
  readonly generation: string;
}

export interface PlanHomesOptions {
  readonly fleet: string;
  /** What a store path of this machine is made of; undefined when it is not here. */
  readonly closureOf: (path: string) => Promise<Closure | undefined>;
  readonly signal: AbortSignal;
}

/** A home that cannot be looked at is a problem of its own. @throws CancelledError */
export async function planHomes(
  homes: readonly HomeToPlan[],
  { fleet, closureOf, signal }: PlanHomesOptions,
): Promise<HomePlan> {
  const planned = await mapLimit(homes, atOnce, async (home): Promise<HomeChange | Problem> => {
    try {
      const observed = await observeGenerations(home.machine, "home", { signal, closures: true });
      return compareHome(home, observed, await closureOf(home.generation));
    } catch (error) {
      if (!(error instanceof FloeError) || error instanceof CancelledError) throw error;
      return { subject: `home ${home.name}`, message: error.message, ...defined({ hint: error.hint }) };
    }
  });
  return {
    version: 1,
    fleet,
    changes: planned.flatMap((one) => ("kind" in one ? [one] : [])),
    problems: planned.flatMap((one) => ("kind" in one ? [] : [one])),
  };
}

/** `next`: what the generation is made of; absent: as the machine knows it. */
export function compareHome(
  { name, machine, generation }: HomeToPlan,
  { generations, current, closures }: ObservedGenerations,
  next: Closure | undefined = closures.of(generation),
): HomeChange {
  const now = generations.find(({ number }) => number === current);
  const before = now && closures.of(now.system);
  const isDone = now?.system === generation;
  return {
    kind: "home",
    address: `home:${name}`,
    name,
    where: machine.where,
    action: isDone ? "none" : "update",
    generation,
    ...(now === undefined ? {} : { current: now.system, number: now.number }),
    ...(isDone || before === undefined || next === undefined
      ? {}
      : { packages: comparePackages(base(before), base(next)) }),
    ...(next === undefined
      ? {}
      : { closure: { before: before === undefined ? 0 : sizeOf(before), after: sizeOf(next) } }),
    notes: now === undefined ? ["The first generation: nothing to go back to"] : [],
  };
}

// --- internal ---

/** Machines that are asked at the same time. */
const atOnce = 8;

/** Closures of this machine have whole paths, those of others base names. */
function base(closure: Closure): Closure {
  return new Map([...closure].map(([path, size]) => [path.slice(path.lastIndexOf("/") + 1), size]));
}
