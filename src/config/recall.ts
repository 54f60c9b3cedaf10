/**
 * The fleet that was loaded before, when the project provably describes the same one still: nothing of it changed, and its TypeScript depends
 * on nothing else. See docs/decisions/fleet-recall.md.
 */
import { readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import type { Fleet } from "../model/fleet.ts";
import { isRecord, readCache, writeCache } from "../util/files.ts";
import { sha256 } from "../util/sha256.ts";
import { build } from "../version.ts";
import { definitionNames } from "./find.ts";
import type { Project } from "./project-above.ts";
import { pureImports } from "./purity.ts";

/** What loading a project looked at. */
export interface LoadTrace {
  /** Milliseconds since 1970. */
  readonly startedMs: number;
  /** The files that were imported for their definitions, absolute; what they import in turn is not listed. */
  readonly files: Set<string>;
  /** Files whose text is data of the fleet, absolute. */
  readonly data: Set<string>;
  /** The folders of definitions, absolute, with the names found there. */
  readonly folders: Map<string, readonly string[]>;
}

/** The snapshot of the project, as far as this needs it. */
export interface Snapshot {
  /** Of the whole tree. */
  readonly hash: string;
  /** The SHA-256 (hex) of each file, by its path in the project. */
  readonly files: Readonly<Record<string, { readonly hash: string }>>;
}

/** Raised when what is stored changes its meaning. */
const FORMAT = 1;
/** The clock of a file system may lag that much behind the process': a file younger than this may have changed during the load. */
const RACY_MS = 100;

export function openTrace(): LoadTrace {
  return { startedMs: Date.now(), files: new Set(), data: new Set(), folders: new Map() };
}

/** A fleet from memory. */
export interface RememberedFleet {
  readonly fleet: Fleet;
  /** True when the project with a snapshot of this hash describes this fleet: ask before anything is done with it. */
  isOf(snapshotHash: string): boolean;
}

/**
 * The fleet that the project described when it was remembered; none of the project's code is run. `floe` says which floe this is: one that runs
 * from source remembers nothing.
 */
export function recallFleet(project: Project, floe = build): RememberedFleet | undefined {
  const entry = readCache(cacheFile(project.root));
  if (floe === undefined || !isRecord(entry) || entry["key"] !== recallKey(project, floe)) return undefined;
  const { fleet, folders, snapshot } = entry;
  if (!isRecord(fleet) || !isRecord(folders)) return undefined;
  return {
    fleet: fleet as unknown as Fleet,
    // git may ignore a file of definitions: then the snapshot does not tell that it came.
    isOf: (hash) =>
      hash === snapshot &&
      Object.entries(folders).every(([folder, names]) => sameNames(join(project.root, folder), names)),
  };
}

/**
 * Keeps a fleet, unless another load of the same snapshot could give another one. `generated` are the flake files that belong to it: a hit
 * says that they are on disk as well.
 */
export async function rememberFleet(
  fleet: Fleet,
  trace: LoadTrace,
  snapshot: Snapshot,
  generated: ReadonlyMap<string, string>,
  floe = build,
): Promise<void> {
  const isWritten = [...generated].every(([path, text]) => snapshot.files[path]?.hash === sha256(text));
  if (floe === undefined || !isWritten || !isPure(fleet.root, trace, snapshot)) return;
  if (!(await survivesJson(fleet))) return;
  const folders = [...trace.folders].map(([folder, names]) => [relative(fleet.root, folder), names]);
  const entry = { key: recallKey(fleet, floe), snapshot: snapshot.hash, folders: Object.fromEntries(folders), fleet };
  writeCache(cacheFile(fleet.root), entry);
}

/** What a fleet depends on beside the snapshot: floe, Node and how it was started, the default system, and the place. */
export function recallKey({ root, configFile }: Project, floe: string): string {
  const { version, arch, platform, execArgv, env } = process;
  const loader = Object.entries(env).filter(([name]) => name === "NODE_OPTIONS" || name.startsWith("JITI_"));
  return JSON.stringify([FORMAT, floe, version, arch, platform, execArgv, loader.sort(), root, configFile]);
}

// --- internal ---

/** True when all code of the project lies in the snapshot as it was loaded, and none of it can see anything else. */
function isPure(root: string, { files, data, startedMs }: LoadTrace, snapshot: Snapshot): boolean {
  if (![...data].every((file) => isInSnapshot(root, file, readOld(file, startedMs), snapshot))) return false;
  const todo = [...files];
  const seen = new Set<string>();
  for (let file = todo.pop(); file !== undefined; file = todo.pop()) {
    if (seen.has(file)) continue;
    seen.add(file);
    const text = readSettled(file, startedMs);
    if (text === undefined || !isInSnapshot(root, file, text, snapshot)) return false;
    const imports = pureImports(text);
    if (imports === undefined) return false;
    const folder = dirname(file);
    todo.push(...imports.map((path) => resolve(folder, path)));
  }
  return true;
}

/** git may ignore a file: then the snapshot would not tell that it changed. */
function isInSnapshot(root: string, file: string, text: string | undefined, { files }: Snapshot): boolean {
  return text !== undefined && files[relative(root, file)]?.hash === sha256(text);
}

function cacheFile(root: string): string {
  return join(root, ".floe", "cache", "fleet.json");
}

/** The text of a TypeScript file that has not changed since the load began; undefined for one that has, or that is reached through a link. */
function readSettled(file: string, startedMs: number): string | undefined {
  return /\.m?ts$/.test(file) ? readOld(file, startedMs) : undefined;
}

function readOld(file: string, startedMs: number): string | undefined {
  try {
    if (realpathSync(file) !== file) return undefined;
    return statSync(file).ctimeMs < startedMs - RACY_MS ? readFileSync(file, "utf8") : undefined;
  } catch {
    return undefined;
  }
}

function sameNames(folder: string, names: unknown): boolean {
  try {
    return JSON.stringify(definitionNames(folder)) === JSON.stringify(names);
  } catch {
    return false;
  }
}

/** A big integer, an undefined or a negative zero does not. */
async function survivesJson(fleet: Fleet): Promise<boolean> {
  const { isDeepStrictEqual } = await import("node:util");
  try {
    return isDeepStrictEqual(JSON.parse(JSON.stringify(fleet)), fleet);
  } catch {
    return false;
  }
}
