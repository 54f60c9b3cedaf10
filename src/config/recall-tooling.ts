/**
 * The formatters and linters of a project as they were loaded before, when its TypeScript is unchanged: `fmt` asks for nothing else, and must
 * not wait for it. As `recall.ts`, but whatever else changed in the project.
 */
import { lstatSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import type { Fleet } from "../model/fleet.ts";
import { isRecord, readCache, writeCache } from "../util/files.ts";
import { sha256 } from "../util/sha256.ts";
import { build } from "../version.ts";
import { definitionNames } from "./find.ts";
import type { Project } from "./project-above.ts";
import { pureImports } from "./purity.ts";
import { type LoadTrace, recallKey } from "./recall.ts";

/** What `fmt` and `lint` need of a fleet. */
export type ToolingFleet = Pick<Fleet, "root" | "inputs" | "tooling" | "flake">;

/** `floe` says which floe this is: one that runs from source remembers nothing. */
export function recallTooling({ root, configFile }: Project, floe = build): ToolingFleet | undefined {
  const entry = readCache(cacheFile(root));
  if (floe === undefined || !isRecord(entry) || entry["key"] !== recallKey({ root, configFile }, floe))
    return undefined;
  const { fleet, folders, files } = entry;
  if (!isRecord(fleet) || !isRecord(folders) || !isRecord(files)) return undefined;
  const isSame =
    Object.entries(files).every(([file, known]) => isSameFile(join(root, file), known)) &&
    Object.entries(folders).every(([folder, names]) => hasNames(join(root, folder), names));
  return isSame ? (fleet as unknown as ToolingFleet) : undefined;
}

/** Keeps them, unless another load of the same files could give others, or an existing flake has the formatter. */
export function rememberTooling(fleet: Fleet, { configFile }: Project, trace: LoadTrace, floe = build): void {
  const { root, inputs, tooling, flake } = fleet;
  const isElsewhere = flake !== undefined && (tooling?.format.length ?? 0) === 0;
  const files = floe === undefined || isElsewhere ? undefined : pureFiles(root, trace);
  if (floe === undefined || files === undefined) return;
  writeCache(cacheFile(root), {
    key: recallKey({ root, configFile }, floe),
    files,
    folders: Object.fromEntries([...trace.folders].map(([folder, names]) => [relative(root, folder), names])),
    fleet: { root, inputs, tooling, flake },
  });
}

/** The files and folders that they come from, absolute; undefined when they were not remembered. */
export function toolingSources({ root }: Project): string[] | undefined {
  const entry = readCache(cacheFile(root));
  if (!isRecord(entry) || !isRecord(entry["files"]) || !isRecord(entry["folders"])) return undefined;
  return [...Object.keys(entry["files"]), ...Object.keys(entry["folders"])].map((path) => join(root, path));
}

// --- internal ---

/** The clock of a file system may lag that much behind the process': a file younger than this may have changed during the load. */
const racyMs = 100;

function cacheFile(root: string): string {
  return join(root, ".floe", "cache", "tooling-fleet.json");
}

/** Stamp and hash of each file that the load read, by its path from the root; undefined when one of them can see anything else. */
function pureFiles(root: string, { files, data, startedMs }: LoadTrace): Record<string, readonly string[]> | undefined {
  const found: Record<string, readonly string[]> = {};
  const todo = [...files, ...data];
  for (let file = todo.pop(); file !== undefined; file = todo.pop()) {
    if (found[relative(root, file)] !== undefined) continue;
    const stat = lstatSync(file, { throwIfNoEntry: false });
    // What a link leads to would have to be watched as well.
    if (stat?.isFile() !== true || realpathSync(file) !== file || stat.ctimeMs >= startedMs - racyMs) return undefined;
    const text = readFileSync(file, "utf8");
    found[relative(root, file)] = [stampOf(stat), sha256(text)];
    if (data.has(file)) continue;
    const imports = /\.m?ts$/.test(file) ? pureImports(text) : undefined;
    if (imports === undefined) return undefined;
    const folder = dirname(file);
    todo.push(...imports.map((path) => resolve(folder, path)));
  }
  return found;
}

function isSameFile(file: string, known: unknown): boolean {
  const stat = lstatSync(file, { throwIfNoEntry: false });
  if (!Array.isArray(known) || stat?.isFile() !== true) return false;
  return known[0] === stampOf(stat) || known[1] === sha256(readFileSync(file, "utf8"));
}

function stampOf({ ino, size, mtimeMs, ctimeMs }: ReturnType<typeof lstatSync> & object): string {
  return [ino, size, mtimeMs, ctimeMs].join(" ");
}

function hasNames(folder: string, names: unknown): boolean {
  try {
    return JSON.stringify(definitionNames(folder)) === JSON.stringify(names);
  } catch {
    return false;
  }
}
