/** The PATH of the nightly apply. */
import { accessSync, constants } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";
import type { Nightly } from "../model/fleet.ts";

/** What an apply starts, also through nix, git and ssh. */
const programs = ["nix", "git", "ssh", "sh"];

/**
 * The folders of `path` in which the programs of an apply, and those of its notifications, are found first; in the same order. A folder
 * that has none of them is somebody's own business and not the unit's.
 */
export function neededPath({ notify }: Pick<Nightly, "notify">, path: string): string {
  const commands = notify.flatMap((one) => (one.kind === "command" ? [one.command[0] ?? ""] : []));
  const wanted = [...programs, ...commands].filter((program) => program !== "" && !program.includes("/"));
  const folders = path.split(delimiter).filter(isAbsolute);
  const needed = new Set(wanted.map((program) => folders.find((folder) => isProgram(join(folder, program)))));
  return [...new Set(folders)].filter((folder) => needed.has(folder)).join(delimiter);
}

// --- internal ---

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
