import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { StateError } from "../errors.ts";
import { writeFileWhole } from "../util/files.ts";
import type { UnitFiles } from "./units.ts";

/** Writes the units into a folder, each as a whole; answers their paths. @throws StateError */
export function writeUnits(folder: string, files: UnitFiles): string[] {
  return Object.entries(files).map(([name, text]) => {
    const file = join(folder, name);
    try {
      mkdirSync(folder, { recursive: true });
      writeFileWhole(file, text);
    } catch (cause) {
      throw new StateError(`Cannot write "${file}": ${(cause as Error).message}`, {
        hint: "For a folder of the system, run it as root",
        cause,
      });
    }
    return file;
  });
}
