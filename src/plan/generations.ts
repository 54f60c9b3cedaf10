/**
 * The systems of an instance that is updated in place. `system` is what it runs and boots. While another is switched to,
 * `system-next` says so: as long as that label is there, the way back is to `system`. Pure.
 */
import type { StringMap } from "../incus/types.ts";
import type { HealthCheck } from "../model/fleet.ts";
import { label } from "./labels.ts";

/** A system that can be gone back to. */
export interface Generation {
  /** As in `system-NUMBER-link` of the container's profiles. */
  readonly number: number;
  /** Store path. */
  readonly system: string;
  /** When it became the running one: ISO 8601; absent for the one that the instance was made with. */
  readonly at?: string;
  /** The checks that it passed, and is held to when it comes back. */
  readonly health?: readonly HealthCheck[];
}

/** True for an instance whose `/nix/store` is its server's. */
export function isInPlace(config: StringMap): boolean {
  return config[label.system] !== undefined;
}

/** Oldest first; empty where floe wrote none, or they are damaged. */
export function readGenerations(config: StringMap): readonly Generation[] {
  try {
    const found: unknown = JSON.parse(config[label.generations] ?? "[]");
    return Array.isArray(found) ? found.filter(isGeneration) : [];
  } catch {
    return [];
  }
}

/** The labels of an instance that was just made from this system. */
export function firstGeneration(system: string, health: readonly HealthCheck[]): StringMap {
  const first: Generation = { number: 1, system, health };
  return { [label.system]: system, [label.generations]: JSON.stringify([first]) };
}

/** The number that the next system gets. */
export function nextNumber(config: StringMap): number {
  return Math.max(0, ...readGenerations(config).map(({ number }) => number)) + 1;
}

/** Written before the system is touched. */
export function withNext(config: StringMap, system: string): StringMap {
  return { ...config, [label.systemNext]: system };
}

export function withoutNext(config: StringMap): StringMap {
  const { [label.systemNext]: _, ...others } = config;
  return others;
}

/** The next system is proved: it is the last generation, and the newest `keep` stay. One that comes again counts once. */
export function withCommitted(config: StringMap, next: Generation, keep: number): StringMap {
  const generations = commit(config, next, keep);
  return { ...withoutNext(config), [label.system]: next.system, [label.generations]: JSON.stringify(generations) };
}

/** The generations as they are once `next` is committed. */
export function commit(config: StringMap, next: Generation, keep: number): Generation[] {
  const others = readGenerations(config).filter(({ system }) => system !== next.system);
  return [...others, next].slice(-Math.max(1, keep));
}

/** Every system that an instance runs, boots or can go back to. */
export function systemsOf(config: StringMap): string[] {
  const named = [config[label.system], config[label.systemNext]].filter((system) => system !== undefined);
  return [...new Set([...named, ...readGenerations(config).map(({ system }) => system)])];
}

// --- internal ---

function isGeneration(value: unknown): value is Generation {
  const { number, system } = (value ?? {}) as Partial<Generation>;
  return typeof number === "number" && typeof system === "string";
}
