/** What cleaning a machine up would do, and what it did: plain data. */
import type { SortedProfile } from "./gc-policy.ts";

/** A store path that goes. */
export interface DeadPath {
  readonly path: string;
  /** Of its NAR; 0 for what the store does not know, as left-overs of a copy. */
  readonly bytes: number;
  /** Nothing holds it already; else it is held by generations that are dropped, and by nothing else. */
  readonly isGarbage: boolean;
}

export interface GcPlan {
  readonly profiles: readonly SortedProfile[];
  readonly dead: readonly DeadPath[];
  /** Bytes of NARs. */
  readonly frees: { readonly held: number; readonly garbage: number };
}

export interface GcResult {
  /** Generations that are gone. */
  readonly dropped: number;
  readonly paths: number;
  /** Bytes of the NARs of what is gone. */
  readonly bytes: number;
  /** The boot loader's menu was written anew. */
  readonly menu: boolean;
  /** Store paths of the plan that are still there: something has come to need them. */
  readonly left: number;
  /** Why the collection ended early, after generations were dropped. */
  readonly problem?: string;
}

/** Generations that go. */
export function droppedOf({ profiles }: Pick<GcPlan, "profiles">): number {
  return profiles.reduce((total, { dropped }) => total + dropped.length, 0);
}

/** True when there is nothing to do. */
export function isClean(plan: GcPlan): boolean {
  return plan.dead.length === 0 && droppedOf(plan) === 0;
}
