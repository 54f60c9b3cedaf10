import { mkdirSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** Replaces a file as a whole: a reader, or a floe that is killed here, sees the old content or the new one. Makes the folder. `modified`: not now. */
export function writeFileWhole(path: string, content: string | Uint8Array, modified?: Date): void {
  mkdirSync(dirname(path), { recursive: true });
  const draft = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(draft, content);
    if (modified !== undefined) utimesSync(draft, modified, modified);
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

/** The parsed content of one of floe's cache files. `undefined` when it is missing or damaged: a cache may always be lost. */
export function readCache(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}

/** Writes a cache file. A cache that cannot be written (full disk, read-only folder) costs time, never the result. */
export function writeCache(path: string, value: unknown): void {
  try {
    writeFileWhole(path, JSON.stringify(value));
  } catch {
    // Nothing depends on it.
  }
}

/** A file's text; undefined when it cannot be read. */
export function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

/** True for a plain object, whose keys may be read. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
