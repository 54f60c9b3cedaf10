/** Which dev shell of which fleet is meant. */
import { projectAbove } from "../config/project-above.ts";
import { ConfigError, UsageError } from "../errors.ts";
import { knownFleets } from "../state/fleets.ts";
import { nearest } from "../util/nearest.ts";

export interface ShellPlace {
  /** The project's folder. */
  readonly root: string;
  /** Absent: the default. */
  readonly name: string | undefined;
}

/**
 * `NAME` of the project at `start` or above it, or of the only fleet that is known unless that place was given; `FLEET/NAME` and `FLEET/` of any that is known.
 * @throws UsageError, ConfigError when there is no project
 */
export function placeOf(wanted: string | undefined, start: string, isGiven: boolean): ShellPlace {
  const [fleet, name] = split(wanted);
  if (fleet !== undefined) return { root: rootOf(fleet), name };
  const project = projectAbove(start);
  if (project !== undefined) return { root: project.root, name };
  const known = isGiven ? [] : knownFleets();
  const [only, ...others] = known;
  if (only !== undefined && others.length === 0) return { root: only.root, name };
  throw new ConfigError(`There is no floe.config.ts in "${start}" or above it`, {
    hint:
      only === undefined
        ? "Go to a project, or name its folder: floe -C DIR shell"
        : `Say of which fleet: ${known.map((each) => `${each.name}/${name ?? "default"}`).join(", ")}`,
  });
}

// --- internal ---

function split(wanted: string | undefined): [fleet: string | undefined, name: string | undefined] {
  const slash = wanted?.indexOf("/") ?? -1;
  if (wanted === undefined || slash < 0) return [undefined, wanted];
  const name = wanted.slice(slash + 1);
  return [wanted.slice(0, slash), name === "" ? undefined : name];
}

function rootOf(fleet: string): string {
  const known = knownFleets();
  const found = known.find(({ name }) => name === fleet);
  if (found !== undefined) return found.root;
  const names = known.map(({ name }) => name);
  const near = nearest(fleet, names);
  throw new UsageError(`No fleet "${fleet}" is known`, {
    hint:
      near !== undefined
        ? `Did you mean ${near}?`
        : names.length > 0
          ? `Known: ${names.join(", ")}`
          : "A fleet is known once one of its shells was entered",
  });
}
