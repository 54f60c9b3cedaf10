/** What is known of files: their content by size and times, and which tool had nothing to say about which content. In `.floe/cache/tooling.json`. */
import { lstatSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isRecord, readCache, writeCache } from "../util/files.ts";
import { sha256 } from "../util/sha256.ts";

export interface CleanFiles {
  /** The hash of a file's content; undefined when it is no file any more. */
  hashOf(file: string): string | undefined;
  /** Whether the tool with this key found nothing in this content. */
  isClean(toolKey: string, file: string): boolean;
  /** The content as it is now is as the tool wants it. */
  setClean(toolKey: string, file: string): void;
  /** The file was written a moment ago. */
  forget(file: string): void;
  save(): void;
}

/** A file that changed so shortly before it was read may change again without its time telling. */
const racyMs = 50;

export function openCleanFiles(root: string, cacheDir: string): CleanFiles {
  const path = join(cacheDir, "tooling.json");
  const cache = read(path);
  const openedMs = Date.now();
  let isChanged = false;
  const hashOf = (file: string): string | undefined => {
    const stat = lstatSync(join(root, file), { bigint: true, throwIfNoEntry: false });
    if (stat?.isFile() !== true) return undefined;
    const stamp = `${stat.ino} ${stat.size} ${stat.mtimeNs} ${stat.ctimeNs}`;
    const known = cache.files[file];
    if (known?.[0] === stamp) return known[1];
    const hash = sha256(readFileSync(join(root, file)));
    if (Number(stat.ctimeMs) < openedMs - racyMs) {
      cache.files[file] = [stamp, hash];
      isChanged = true;
    }
    return hash;
  };
  return {
    hashOf,
    isClean: (toolKey, file) => {
      const clean = cache.clean[toolKey]?.[file];
      return clean !== undefined && clean === hashOf(file);
    },
    setClean: (toolKey, file) => {
      const hash = hashOf(file);
      if (hash === undefined) return;
      cache.clean[toolKey] = { ...cache.clean[toolKey], [file]: hash };
      isChanged = true;
    },
    forget: (file) => {
      delete cache.files[file];
    },
    save: () => {
      if (isChanged) writeCache(path, { version, ...cache });
    },
  };
}

// --- internal ---

const version = 1;

interface Known {
  /** Stamp and hash by path. */
  readonly files: Record<string, readonly [stamp: string, hash: string]>;
  /** By the tool's key, then by path: the hash of the content. */
  readonly clean: Record<string, Record<string, string>>;
}

function read(path: string): Known {
  const cache = readCache(path);
  if (!isRecord(cache) || cache["version"] !== version) return { files: {}, clean: {} };
  return cache as unknown as Known;
}
