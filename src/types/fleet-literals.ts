/** The literals of a whole fleet, against the options that `floe types` read last. */
import type { Fleet } from "../model/fleet.ts";
import type { NixModule } from "../model/nix-module.ts";
import type { Problem } from "../model/plan.ts";
import { importedModules } from "../synth/module-graph.ts";
import { checkLiterals } from "./check-literals.ts";
import type { OptionDump } from "./dump.ts";
import { lockHash } from "./recall-dump.ts";

/**
 * What cannot be right in the modules of hosts, containers and homes. Nothing where the options are those of another flake.lock: what was right
 * there may be wrong here.
 */
export function fleetLiterals(fleet: Fleet, dump: OptionDump): Problem[] {
  if (dump.lock !== lockHash(fleet.root)) return [];
  const machines = [
    ...Object.values(fleet.hosts).map((made) => ({ kind: "host", made, options: dump.options })),
    ...Object.values(fleet.containers).map((made) => ({ kind: "container", made, options: dump.options })),
    ...Object.values(fleet.homes ?? {}).map((made) => ({ kind: "home", made, options: dump.homes })),
  ];
  // A module that many import is looked at once, and named by the first of them.
  const seen = new Set<NixModule>();
  return machines.flatMap(({ kind, made, options }) =>
    importedModules(made.module, fleet)
      .filter((module) => !seen.has(module) && seen.add(module))
      .flatMap(({ source, expr }) => checkLiterals(options, { subject: `${kind} ${made.name}`, source, expr })),
  );
}
