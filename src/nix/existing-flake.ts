/** Which flake is an existing one, and whether it has taken over what floe writes beside it. */
import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { hasHeader } from "../model/header.ts";
import { fleetFile } from "../model/taken-over.ts";
import { readText } from "../util/files.ts";

/** Whether the flake in this folder is one that floe did not write. */
export function isExistingFlake(folder: string): boolean {
  const text = readText(join(folder, "flake.nix"));
  return text !== undefined && !hasHeader(text);
}

/** The folder of the git work tree that `folder` lies in, itself included: the nearest with a `.git`. */
export function repositoryOf(folder: string): string | undefined {
  if (lstatSync(join(folder, ".git"), { throwIfNoEntry: false }) !== undefined) return folder;
  const parent = dirname(folder);
  return parent === folder ? undefined : repositoryOf(parent);
}

/** What an evaluation of a project can read: a flake in a repository, all of it; of a project whose flake floe writes, the project. */
export function evaluatedFolder(root: string): string {
  return isExistingFlake(root) ? (repositoryOf(root) ?? root) : root;
}

/** True when a Nix file of the user's in this folder mentions the file: `import ./nix/fleet.nix inputs`. */
export function isFleetFileImported(folder: string): boolean {
  const name = fleetFile.split("/").at(-1) as string;
  return readdirSync(folder, { withFileTypes: true, recursive: true }).some((entry) => {
    if (!entry.isFile() || !entry.name.endsWith(".nix")) return false;
    const text = readFileSync(join(entry.parentPath, entry.name), "utf8");
    return text.includes(`/${name}`) && !hasHeader(text);
  });
}
