/** Which of the generated files belong to one machine alone. */
import type { Fleet, Home } from "../model/fleet.ts";
import { usedNames } from "../nixlang/used-names.ts";
import { usersTrees } from "./flake.ts";
import { byName } from "./records.ts";

/**
 * The file of each machine, by `hosts/NAME`, `images/NAME` and `homes/NAME`. Undefined when something that the user wrote into flake.nix
 * speaks of its bindings: a machine may get at another one through them.
 */
export function ownFilesOf(fleet: Fleet): Record<string, string> | undefined {
  const bindings = new Set(["hosts", "containers", "homes", "nixos", "home"]);
  if (usersTrees(fleet).some((tree) => usedNames(tree, bindings).size > 0)) return undefined;
  const of = (group: string, machines: Readonly<Record<string, Pick<Home, "name" | "module">>>) =>
    byName(machines).map(({ name, module }) => [`${group}/${name}`, module.file] as const);
  return Object.fromEntries([
    ...of("hosts", fleet.hosts),
    ...of("images", fleet.containers),
    ...of("homes", fleet.homes ?? {}),
  ]);
}
