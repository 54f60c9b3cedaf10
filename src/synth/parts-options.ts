/** What is known of a fleet's files before it is evaluated part by part. */
import type { Fleet } from "../model/fleet.ts";
import { resolveFrom } from "./module-graph.ts";
import { ownFilesOf } from "./own-files.ts";
import { findWholeTreeReads } from "./whole-tree.ts";

/** As the evaluation wants it; parts are named as in the flake's output `floe`: `hosts/crown`. */
export interface FleetParts {
  /** The file that was written for a machine alone. */
  readonly ownFiles: Readonly<Record<string, string>>;
  /** Parts that depend on the whole project. */
  readonly readSelf: readonly string[];
  /** Inputs that lie in the project. */
  readonly inputFolders: readonly string[];
}

const groups = { host: "hosts", container: "images", home: "homes" } as const;

/** Undefined when a machine may get at another one in a way that cannot be followed. `readText` gives the text of a file of the project. */
export function partsOptions(fleet: Fleet, readText: (path: string) => string | undefined): FleetParts | undefined {
  const ownFiles = ownFilesOf(fleet);
  if (ownFiles === undefined) return undefined;
  const reads = findWholeTreeReads(fleet, readText).map(({ kind, name }) => `${groups[kind]}/${name}`);
  const inputFolders = Object.values(fleet.inputs).flatMap((input) =>
    input.kind === "path" ? [resolveFrom([], input.path)] : [],
  );
  return { ownFiles, readSelf: [...new Set(reads)], inputFolders };
}
