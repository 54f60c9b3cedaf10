/** Which hosts can be reached from the machine that the dashboard runs on. */
import { hostname } from "node:os";
import type { Host } from "../model/fleet.ts";

/** By its target; without one a host is reached only from the machine of its name. */
export function isReachedFromHere({ name, target }: Pick<Host, "name" | "target">): boolean {
  return target !== undefined || name === hostname().split(".")[0];
}
