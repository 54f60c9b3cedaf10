/** The generated files, read from and written to a project's folder. */
import { readdirSync, readFileSync, rmdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { SynthError } from "../errors.ts";
import { writeFileWhole } from "../util/files.ts";
import { compareFiles, type FileDifferences } from "./files.ts";
import type { FlakeFiles } from "./synth.ts";

/** What `compareFiles` looks at: the wanted files that are there, and every `.nix` file under `nix/`. */
export function readGenerated(root: string, files: FlakeFiles): Map<string, string> {
  const paths = new Set([...files.keys(), ...nixFiles(root, "nix")]);
  return new Map(
    [...paths].flatMap((path) => {
      const text = readText(join(root, path));
      return text === undefined ? [] : [[path, text] as const];
    }),
  );
}

/**
 * Brings the folder to what `files` says and returns what it found before. Only what differs is written, each file as a whole,
 * flake.nix last, so that it never names a file that is not there. Generated files that nothing asks for are removed.
 * Throws SynthError, before anything is written, when a file of such a name was not written by floe.
 */
export function writeFiles(root: string, files: FlakeFiles): FileDifferences {
  const differences = compareFiles(files, readGenerated(root, files));
  const [foreign] = differences.foreign;
  if (foreign !== undefined) {
    throw new SynthError(`Cannot write "${foreign}": there is a file that floe did not write`, {
      hint: `Move it away, or give it another name; floe then writes its own "${foreign}"`,
      at: { file: foreign, line: 1, column: 1 },
    });
  }
  const todo = [...differences.missing, ...differences.changed].sort(
    (a, b) => Number(a === "flake.nix") - Number(b === "flake.nix"),
  );
  for (const path of todo) writeFileWhole(join(root, path), files.get(path) ?? "");
  for (const path of differences.stale) removeGenerated(root, path);
  return differences;
}

// --- internal ---

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Symbolic links are not followed: what lies behind them is not floe's. */
function nixFiles(root: string, folder: string): string[] {
  try {
    return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) return nixFiles(root, path);
      return entry.isFile() && entry.name.endsWith(".nix") ? [path] : [];
    });
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return [];
    throw error;
  }
}

/** A folder that is empty then goes too. */
function removeGenerated(root: string, path: string): void {
  rmSync(join(root, path), { force: true });
  for (let folder = dirname(path); folder !== "."; folder = dirname(folder)) {
    try {
      rmdirSync(join(root, folder));
    } catch {
      return;
    }
  }
}
