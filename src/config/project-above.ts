/** Where a project is. Loads nothing but Node's file functions: a command that has to be quick begins with it. */
import { existsSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";

/** The names a project's configuration may have, the usual one first. */
const configFiles = ["floe.config.ts", "floe.config.mts", "floe.config.js", "floe.config.mjs"] as const;

export interface Project {
  /** Absolute, without symbolic links: source positions are compared with it. */
  readonly root: string;
  /** Relative to `root`. */
  readonly configFile: string;
}

/** The project that an absolute path lies in: the nearest folder, from there upwards, that holds a floe.config.ts. */
export function projectAbove(start: string): Project | undefined {
  for (let folder = start; ; folder = dirname(folder)) {
    const project = projectIn(folder);
    if (project !== undefined || dirname(folder) === folder) return project;
  }
}

/** The project whose root the folder is, if it is one. */
export function projectIn(folder: string): Project | undefined {
  const configFile = configFiles.find((name) => existsSync(join(folder, name)));
  return configFile === undefined ? undefined : { root: realpathSync(folder), configFile };
}
