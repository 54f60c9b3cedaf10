import { type Dirent, readdirSync } from "node:fs";
import { resolve } from "node:path";
import { ConfigError } from "../errors.ts";
import { type Project, projectAbove } from "./project-above.ts";

/**
 * The project that `start` lies in: the nearest folder, from there upwards, that holds a floe.config.ts.
 * @throws ConfigError when there is none.
 */
export function findProject(start: string): Project {
  const from = resolve(start);
  const project = projectAbove(from);
  if (project !== undefined) return project;
  throw new ConfigError(`Cannot find a floe.config.ts in "${from}" or a folder above it`, {
    hint: "Start a project here with `floe init`, or name one with `--project DIR` (`-C DIR`)",
    details: { start: from },
  });
}

/** The files of a folder that hold definitions, in the order of their names. */
export function definitionNames(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter(isDefinitionFile)
    .map((entry) => entry.name)
    .sort();
}

// --- internal ---

function isDefinitionFile(entry: Dirent): boolean {
  const { name } = entry;
  return !entry.isDirectory() && /^[^._].*\.(?:m?ts|m?js)$/.test(name) && !/\.(?:d\.m?ts|test\.m?[tj]s)$/.test(name);
}
