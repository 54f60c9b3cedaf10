/** The formatter of an existing flake. */
import type { Fleet } from "../model/fleet.ts";
import { askOptions } from "./nix-of.ts";
import type { Work } from "./work.ts";

/** The program, built; undefined where the fleet names formatters itself, or has no flake. @throws NixError, CancelledError */
export async function flakeFormatterOf(fleet: Fleet, work: Work): Promise<string | undefined> {
  if (!needsFlakeFormatter(fleet)) return undefined;
  return (await import("../nix/formatter.ts")).flakeFormatter(await askOptions(fleet, work));
}

/** Whether it is the formatter of the project; nothing is built. @throws NixError, CancelledError */
export async function hasFlakeFormatter(fleet: Fleet, work: Work): Promise<boolean> {
  return (
    needsFlakeFormatter(fleet) && (await import("../nix/formatter.ts")).hasFlakeFormatter(await askOptions(fleet, work))
  );
}

// --- internal ---

function needsFlakeFormatter({ flake, tooling }: Fleet): boolean {
  return flake !== undefined && (tooling?.format.length ?? 0) === 0;
}
