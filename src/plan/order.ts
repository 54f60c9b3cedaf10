/**
 * In which order instances change. Pure.
 *
 * An instance waits for those it depends on, and within a container for the batch before its own: the canary alone, then as many
 * at once as the rollout allows. Among those that may go, a higher boot priority goes first, then the name decides.
 */
import type { Rollout } from "../model/fleet.ts";

/** What the order is made from. */
export interface Orderable {
  readonly address: string;
  readonly name: string;
  readonly server: string;
  readonly project: string;
  readonly container: string;
  /** Names; those that are not among the others are no reason to wait. */
  readonly dependsOn?: readonly string[] | undefined;
  readonly boot?: { readonly priority?: number } | undefined;
}

/** One instance, and what has to be over before it is begun. */
export interface Turn {
  readonly address: string;
  /** Addresses it depends on. */
  readonly needs: readonly string[];
  /** Addresses of the batch before its own. */
  readonly after: readonly string[];
}

/** One after the other: what holds where a container says nothing. */
export const oneByOne: Rollout = { canary: false, parallel: 1 };

/**
 * Every instance after all that it waits for. `rolloutOf` is asked with the name of a container.
 * Instances of a cycle (see `findCycle`) do not wait for each other.
 */
export function orderTurns(
  instances: readonly Orderable[],
  rolloutOf: (container: string) => Rollout = () => oneByOne,
): Turn[] {
  const sorted = sortByNeed(instances);
  const position = new Map(sorted.map(({ address }, index) => [address, index]));
  const batches = batchesOf(sorted, rolloutOf);
  return sorted.map((instance, index) => {
    const needs = neededBy(instance, sorted).filter((address) => (position.get(address) ?? index) < index);
    return { address: instance.address, needs, after: batches.get(instance.address) ?? [] };
  });
}

/** Addresses by the earliest moment they can change: everything of a wave may change at once. */
export function wavesOf(turns: readonly Turn[]): string[][] {
  const levels = new Map<string, number>();
  for (const { address, needs, after } of turns)
    levels.set(address, Math.max(-1, ...[...needs, ...after].map((other) => levels.get(other) ?? -1)) + 1);
  const count = Math.max(-1, ...levels.values()) + 1;
  return Array.from({ length: count }, (_, wave) =>
    [...levels].flatMap(([address, level]) => (level === wave ? address : [])),
  );
}

/** Names of instances that wait for each other in a circle, the first one repeated at the end; undefined when there is none. */
export function findCycle(instances: readonly Orderable[]): string[] | undefined {
  const byAddress = new Map(instances.map((instance) => [instance.address, instance]));
  const over = new Set<string>();
  const visit = (instance: Orderable, path: readonly Orderable[]): Orderable[] | undefined => {
    const start = path.indexOf(instance);
    if (start >= 0) return [...path.slice(start), instance];
    if (over.has(instance.address)) return undefined;
    for (const address of neededBy(instance, instances)) {
      const found = visit(byAddress.get(address) as Orderable, [...path, instance]);
      if (found !== undefined) return found;
    }
    over.add(instance.address);
    return undefined;
  };
  for (const instance of instances) {
    const cycle = visit(instance, []);
    if (cycle !== undefined) return cycle.map(({ name }) => name);
  }
  return undefined;
}

/** Addresses that an instance depends on. Of several with the name, those nearest to it: its project, else its server. */
export function neededBy({ dependsOn = [], server, project }: Orderable, among: readonly Orderable[]): string[] {
  return dependsOn.flatMap((name) => {
    const named = among.filter((other) => other.name === name);
    const onServer = named.filter((other) => other.server === server);
    const inProject = onServer.filter((other) => other.project === project);
    return [inProject, onServer, named].find((found) => found.length > 0)?.map(({ address }) => address) ?? [];
  });
}

// --- internal ---

function sortByNeed(instances: readonly Orderable[]): Orderable[] {
  const waiting = [...instances].sort(byPriority);
  const sorted: Orderable[] = [];
  while (waiting.length > 0) {
    const left = new Set(waiting.map(({ address }) => address));
    const free = waiting.findIndex((instance) => neededBy(instance, instances).every((address) => !left.has(address)));
    sorted.push(...waiting.splice(Math.max(0, free), 1));
  }
  return sorted;
}

/** Higher priorities first; none counts as 0, as it does to Incus. */
function byPriority(a: Orderable, b: Orderable): number {
  const difference = (b.boot?.priority ?? 0) - (a.boot?.priority ?? 0);
  if (difference !== 0) return difference;
  return compareText(a.name, b.name) || compareText(a.address, b.address);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** For each address the batch before its own. */
function batchesOf(sorted: readonly Orderable[], rolloutOf: (container: string) => Rollout): Map<string, string[]> {
  const before = new Map<string, string[]>();
  for (const container of new Set(sorted.map((instance) => instance.container))) {
    const { canary, parallel } = rolloutOf(container);
    const addresses = sorted.filter((instance) => instance.container === container).map(({ address }) => address);
    let previous: string[] = [];
    for (let start = 0; start < addresses.length; start += previous.length) {
      const batch = addresses.slice(start, start + (canary && start === 0 ? 1 : Math.max(1, parallel)));
      for (const address of batch) before.set(address, previous);
      previous = batch;
    }
  }
  return before;
}
