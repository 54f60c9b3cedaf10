/**
 * `floe shell` of an environment that was made before and still holds, found without the rest of the command line: reading that would take
 * longer than all else. Whatever is out of the ordinary is left to the verb.
 */
import { resolve } from "node:path";
import { projectAbove } from "../config/project-above.ts";
import { cachedShell } from "./cached.ts";

export interface QuickShell {
  /** What was made. */
  readonly folder: string;
  /** Empty: the user's own shell. */
  readonly command: readonly string[];
}

/** For `[-C DIR] shell [NAME] [-- COMMAND...]`; undefined for anything else, and where something has to be made, asked or told. */
export function quickShell(argv: readonly string[], cwd: string): QuickShell | undefined {
  const end = argv.indexOf("--");
  const words = end < 0 ? argv : argv.slice(0, end);
  const command = end < 0 ? [] : argv.slice(end + 1);
  const isElsewhere = words[0] === "-C" && words[1] !== undefined;
  const [verb, name, ...others] = isElsewhere ? words.slice(2) : words;
  if (verb !== "shell" || others.length > 0 || (end >= 0 && command.length === 0)) return undefined;
  if (name !== undefined && (name.startsWith("-") || name.includes("/"))) return undefined;
  const project = projectAbove(resolve(cwd, isElsewhere ? (words[1] as string) : "."));
  const known = project === undefined ? undefined : cachedShell(project.root, name);
  return known?.isFresh === true ? { folder: known.folder, command } : undefined;
}
