import type { Rollout } from "../model/fleet.ts";
import type { Field } from "./field.ts";

/** How the instances of one image are updated; without it one after the other. */
export function readRollout(field: Field): Rollout {
  const keys = field.keys("canary", "parallel");
  return { canary: keys.canary.flag(false), parallel: keys.parallel.integer(1, 100, 1) };
}
