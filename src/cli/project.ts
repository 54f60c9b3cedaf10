/** Finding the project a command is about. */
import { resolve } from "node:path";
import { findProject, type Project } from "../pipeline/load.ts";
import type { Cli } from "./context.ts";
import type { GlobalFlags } from "./flags.ts";

/** @throws ConfigError when there is none */
export function openProject(cli: Cli, flags: GlobalFlags): Project {
  const project = findProject(resolve(cli.cwd, flags.project ?? "."));
  cli.projectRoot = project.root;
  return project;
}
