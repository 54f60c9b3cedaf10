/** The seed of cloud-init's NoCloud, written into a root file system before its first start. */
import { dirname } from "node:path";
import type { Target } from "./context.ts";

/** Of a stopped instance, whose files are those of its root disk. Nothing without a seed; what is there is overwritten. @throws IncusError */
export async function writeSeed(
  { client, project, seed = {} }: Pick<Target, "client" | "project" | "seed">,
  name: string,
): Promise<void> {
  const paths = Object.keys(seed);
  for (const folder of foldersOf(paths)) await client.makeFolder(project, name, folder);
  // Only root may read it: seeds hold passwords' hashes and keys.
  for (const path of paths) await client.putFile(project, name, path, seed[path] ?? "", { mode: "0600" });
}

// --- internal ---

/** Every folder on the way to the files, the outer ones first. */
function foldersOf(paths: readonly string[]): string[] {
  const above = (path: string): string[] => (path === "/" ? [] : [...above(dirname(path)), path]);
  return [...new Set(paths.flatMap((path) => above(dirname(path))))];
}
