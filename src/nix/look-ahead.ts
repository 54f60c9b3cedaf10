/** What can be found out for an evaluation while the project's TypeScript is still being loaded. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { withFileLock } from "../util/file-lock.ts";
import type { EvaluateOptions } from "./evaluate.ts";
import { isExistingFlake } from "./existing-flake.ts";
import { findNix } from "./find.ts";
import { checkNetwork } from "./network.ts";
import { lastStage, stageProject } from "./stage.ts";
import { type LocatedFlake, lockedFlake } from "./watched.ts";

/**
 * Stages the project and has nix copy the snapshot into the store. Undefined where the snapshot is the one of last time, which was evaluated most
 * likely, or has no flake.lock. What it says is of the very snapshot with that hash: nobody stages meanwhile.
 * @throws as `evaluateFleet`
 */
export async function locateFlake(
  options: Pick<EvaluateOptions, "root" | "cacheDir" | "emit" | "signal">,
): Promise<LocatedFlake | undefined> {
  const { root, cacheDir, signal } = options;
  return withFileLock(join(cacheDir, "evaluate.lock"), { signal }, async () => {
    const before = lastStage(root)?.hash;
    const { path, hash } = await stageProject(options);
    if (hash === before || !existsSync(join(path, "flake.lock")) || isExistingFlake(path)) return undefined;
    const nix = await findNix({ cacheDir });
    return {
      hash,
      flake: await lockedFlake({ ...options, nix, network: await checkNetwork(nix), stage: path, signal }),
    };
  });
}
