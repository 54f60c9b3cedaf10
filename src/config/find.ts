import { type Dirent, existsSync, readdirSync, realpathSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { ConfigError } from "../errors.ts";

/** The names a project's configuration may have, the usual one first. */
const configFiles = ["floe.config.ts", "floe.config.mts", "floe.config.js", "floe.config.mjs"] as const;

export interface Project {
  /** Absolute, without symbolic links: source positions are compared with it. */
  readonly root: string;
  /** Relative to `root`. */
  readonly configFile: string;
}

/**
 * The project that `start` lies in: the nearest folder, from there upwards, that holds a floe.config.ts.
 * @throws ConfigError when there is none.
 */
export function findProject(start: string): Project {
  const from = resolve(start);
  for (let folder = from; ; folder = dirname(folder)) {
    const project = projectIn(folder);
    if (project !== undefined) return project;
    if (dirname(folder) === folder) break;
  }
  throw new ConfigError(`Cannot find a floe.config.ts in "${from}" or a folder above it`, {
    hint: "Start a project here with `floe init`, or name one with `--project DIR` (`-C DIR`)",
    details: { start: from },
  });
}

/** The project whose root the folder is, if it is one. */
export function projectIn(folder: string): Project | undefined {
  const configFile = configFiles.find((name) => existsSync(join(folder, name)));
  return configFile === undefined ? undefined : { root: realpathSync(folder), configFile };
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
