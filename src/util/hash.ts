import { createHash } from "node:crypto";
import { createReadStream, statSync } from "node:fs";
import { join } from "node:path";
import { isRecord, readCache, writeCache } from "./files.ts";

/** An image as Incus knows it. */
export interface Fingerprint {
  /** SHA-256 in hex of the metadata file followed by the root file system: the fingerprint Incus gives to an image of two files. */
  readonly fingerprint: string;
  readonly bytes: number;
}

/** Fingerprints kept. */
const KEPT = 200;

/** The SHA-256, in hex, of files one after the other, read as a stream. */
export async function sha256OfFiles(paths: readonly string[], signal?: AbortSignal): Promise<string> {
  const hash = createHash("sha256");
  for (const path of paths) {
    for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024, ...(signal ? { signal } : {}) }))
      hash.update(chunk as Buffer);
  }
  return hash.digest("hex");
}

/**
 * The fingerprint of an image made of these two files, remembered in `cacheDir`. The files lie in the store and never change; the inode and
 * change time in the key only notice a path that was collected and built again, which need not give the same bytes.
 */
export async function fingerprintOf(
  metadata: string,
  rootfs: string,
  options: { readonly cacheDir: string; readonly signal?: AbortSignal | undefined },
): Promise<Fingerprint> {
  const file = join(options.cacheDir, "fingerprints.json");
  const key = [metadata, rootfs].map(identify).join(" ");
  const cached = readCache(file);
  const known = isRecord(cached) ? cached[key] : undefined;
  if (isFingerprint(known)) return known;
  const bytes = statSync(metadata).size + statSync(rootfs).size;
  const result: Fingerprint = { fingerprint: await sha256OfFiles([metadata, rootfs], options.signal), bytes };
  // Read again: hashing takes seconds, and another image may have been hashed meanwhile.
  const latest = readCache(file);
  const others = Object.entries(isRecord(latest) ? latest : {}).filter(([other]) => other !== key);
  writeCache(file, Object.fromEntries([...others.slice(1 - KEPT), [key, result]]));
  return result;
}

// --- internal ---

function identify(path: string): string {
  const { ino, size, ctimeMs } = statSync(path);
  return `${path}:${ino}:${size}:${ctimeMs}`;
}

function isFingerprint(value: unknown): value is Fingerprint {
  return isRecord(value) && typeof value["fingerprint"] === "string" && typeof value["bytes"] === "number";
}
