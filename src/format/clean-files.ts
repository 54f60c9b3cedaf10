/** What is known of files: their content by size and times, and which tool had nothing to say about which content. In `.floe/cache/tooling.json`. */
import { createHash } from "node:crypto";
import { lstatSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isRecord, readCache, writeCache } from "../util/files.ts";

export interface CleanFiles {
  /** The hash of a file's content when it was first asked for, or since it was forgotten; undefined when it is no file any more. */
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

/** `blobs`: the content of files that git has just looked at, by its object ids. */
export function openCleanFiles(
  root: string,
  cacheDir: string,
  blobs: ReadonlyMap<string, string> = new Map(),
): CleanFiles {
  const path = join(cacheDir, "tooling.json");
  const cache = read(path);
  const openedMs = Date.now();
  const seen = new Map<string, string | undefined>(blobs);
  let isChanged = false;
  const hashNow = (file: string): string | undefined => {
    const stat = lstatSync(join(root, file), { throwIfNoEntry: false });
    if (stat?.isFile() !== true) return undefined;
    const stamp = `${stat.ino} ${stat.size} ${stat.mtimeMs} ${stat.ctimeMs}`;
    const known = cache.files[file];
    if (known?.[0] === stamp) return known[1];
    const hash = blobId(readFileSync(join(root, file)));
    // What git knows need not be kept as well: less is read at every start.
    if (!blobs.has(file) && stat.ctimeMs < openedMs - racyMs) {
      cache.files[file] = [stamp, hash];
      isChanged = true;
    }
    return hash;
  };
  const hashOf = (file: string): string | undefined => {
    if (!seen.has(file)) seen.set(file, hashNow(file));
    return seen.get(file);
  };
  return {
    hashOf,
    isClean: (toolKey, file) => {
      const clean = cache.clean[toolKey]?.[file];
      return clean !== undefined && clean === hashOf(file);
    },
    setClean: (toolKey, file) => {
      // Somebody may have written it while the tool looked: then it is not known which content the tool saw.
      const hash = hashOf(file);
      if (hash === undefined || hashNow(file) !== hash) return;
      let clean = cache.clean[toolKey];
      if (clean === undefined) {
        clean = {};
        cache.clean[toolKey] = clean;
      }
      clean[file] = hash;
      isChanged = true;
    },
    forget: (file) => {
      delete cache.files[file];
      seen.delete(file);
    },
    save: () => {
      if (isChanged) writeCache(path, { version, ...cache });
    },
  };
}

// --- internal ---

const version = 3;

/** git's id of a content, so that committing a file changes nothing. Repositories of SHA-256 have others: there each commit costs one look. */
function blobId(content: Buffer): string {
  return createHash("sha1").update(`blob ${content.length}\0`).update(content).digest("hex");
}

interface Known {
  /** Stamp and hash by path, of those that git did not know. */
  readonly files: Record<string, readonly [stamp: string, hash: string]>;
  /** By the tool's key, then by path: the hash of the content. */
  readonly clean: Record<string, Record<string, string>>;
}

function read(path: string): Known {
  const cache = readCache(path);
  if (!isRecord(cache) || cache["version"] !== version) return { files: {}, clean: {} };
  return cache as unknown as Known;
}
