/** The nix that works for a project. */
import type { Fleet } from "../model/fleet.ts";
import { findNix } from "../nix/find.ts";
import { cacheDir } from "./work.ts";

/** Found again quickly, from the project's caches. @throws as `findNix` */
export async function nixOf({ root }: Pick<Fleet, "root">): ReturnType<typeof findNix> {
  return findNix({ cacheDir: cacheDir(root) });
}
