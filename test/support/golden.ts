/** The golden cases: small projects, and the files that floe writes for them. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { loadFleet } from "../../src/config/load.ts";
import { synthFlake } from "../../src/synth/synth.ts";
import { tempProject } from "./temp-project.ts";

export const goldenFolder = path.resolve(import.meta.dirname, "../golden");

export const goldenCases: readonly string[] = readdirSync(goldenFolder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)
  .sort();

/** What floe writes for the case today. The project is copied, so that no cache is left in the repository. */
export async function synthCase(name: string): Promise<ReadonlyMap<string, string>> {
  const project = await tempProject({}, path.join(goldenFolder, name));
  try {
    return synthFlake(await loadFleet(project.root));
  } finally {
    await project.remove();
  }
}

/** The committed files of the case, by path. */
export function expectedFiles(name: string): Map<string, string> {
  const folder = path.join(goldenFolder, name, "expected");
  const files = readdirSync(folder, { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile());
  const texts = files.map((file) => {
    const full = path.join(file.parentPath, file.name);
    return [path.relative(folder, full), readFileSync(full, "utf8")] as const;
  });
  return new Map(texts.sort(([a], [b]) => (a < b ? -1 : 1)));
}
