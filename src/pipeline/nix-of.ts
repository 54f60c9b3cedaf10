/** The nix that works for a project. */
import type { Fleet } from "../model/fleet.ts";
import { takenOver } from "../model/taken-over.ts";
import type { AskOptions } from "../nix/ask.ts";
import { findNix } from "../nix/find.ts";
import { cacheDir, type Work } from "./work.ts";

/** Found again quickly, from the project's caches. @throws as `findNix` */
export async function nixOf({ root }: Pick<Fleet, "root">): ReturnType<typeof findNix> {
  return findNix({ cacheDir: cacheDir(root) });
}

/** For questions to the fleet's flake. @throws as `findNix` */
export async function askOptions(fleet: Fleet, work: Work): Promise<AskOptions> {
  const { root } = fleet;
  return { nix: await nixOf(fleet), root, cacheDir: cacheDir(root), taken: takenOver(fleet), ...work };
}
