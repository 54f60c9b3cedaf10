/** fmt with the formatter of an existing flake. */
import type { Fleet } from "../model/fleet.ts";
import { takenOver } from "../model/taken-over.ts";
import { nixOf } from "./nix-of.ts";
import { cacheDir, type Work } from "./work.ts";

/** The program, built; undefined where the fleet names formatters itself, or has no flake. @throws NixError, CancelledError */
export async function flakeFormatterOf(fleet: Fleet, work: Work): Promise<string | undefined> {
  const { root, flake, tooling } = fleet;
  if (flake === undefined || (tooling?.format.length ?? 0) > 0) return undefined;
  const [{ flakeFormatter }, nix] = await Promise.all([import("../nix/formatter.ts"), nixOf(fleet)]);
  return flakeFormatter({ nix, root, cacheDir: cacheDir(root), taken: takenOver(fleet), ...work });
}
