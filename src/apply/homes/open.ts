/** The way to each home: this machine as the user that floe is, or SSH as its user. */
import { hostname } from "node:os";
import type { MachineTarget } from "../../machine/machine.ts";
import { parseTarget } from "../../machine/target.ts";
import type { Fleet, Home } from "../../model/fleet.ts";

/**
 * As its `target` says. A home named `USER@HOST` is here when HOST is this machine, else where the fleet's host of that name is reached, else at
 * USER@HOST as ssh knows it; any other is here.
 */
export function homeTarget(
  { name, target, user }: Pick<Home, "name" | "target" | "user">,
  hosts: Fleet["hosts"],
  here = shortName(hostname()),
): MachineTarget {
  if (target !== undefined) return parseTarget(target);
  const host = /@(.+)$/s.exec(name)?.[1];
  if (host === undefined || shortName(host) === here) return { kind: "local" };
  const known = hosts[host]?.target;
  const isSsh = known !== undefined && known !== "local" && !known.startsWith("incus:");
  return { kind: "ssh", destination: `${user}@${isSsh ? known.replace(/^.*@/s, "") : host}` };
}

// --- internal ---

function shortName(name: string): string {
  return (name.split(".")[0] ?? name).toLowerCase();
}
