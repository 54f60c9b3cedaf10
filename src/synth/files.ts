/** What is on disk against what belongs there. */
import { hasHeader } from "../model/header.ts";
import type { FlakeFiles } from "./synth.ts";

/** Paths relative to the project, sorted. */
export interface FileDifferences {
  readonly missing: readonly string[];
  readonly changed: readonly string[];
  /** Files that floe wrote under `nix/` and that nothing asks for any more. */
  readonly stale: readonly string[];
  readonly same: readonly string[];
  /** In the way: files of these paths that floe did not write. */
  readonly foreign: readonly string[];
}

/** `onDisk` holds the text of every file that is wanted and there, and of every `.nix` file under `nix/`. */
export function compareFiles(files: FlakeFiles, onDisk: ReadonlyMap<string, string>): FileDifferences {
  const wanted = [...files.keys()].sort();
  const there = (path: string): boolean => onDisk.has(path);
  const isForeign = (path: string): boolean => !hasHeader(onDisk.get(path) ?? "");
  const isSame = (path: string): boolean => onDisk.get(path) === files.get(path);
  return {
    missing: wanted.filter((path) => !there(path)),
    changed: wanted.filter((path) => there(path) && !isForeign(path) && !isSame(path)),
    stale: [...onDisk.keys()].filter((path) => path.startsWith("nix/") && !files.has(path) && !isForeign(path)).sort(),
    same: wanted.filter(isSame),
    foreign: wanted.filter((path) => there(path) && isForeign(path)),
  };
}

/** Whether the disk holds what it should. */
export function isCurrent(differences: FileDifferences): boolean {
  const { missing, changed, stale, foreign } = differences;
  return [missing, changed, stale, foreign].every((paths) => paths.length === 0);
}
