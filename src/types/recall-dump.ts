/** The options that were read last. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isRecord, readCache } from "../util/files.ts";
import type { OptionDump } from "./dump.ts";

/** The options that `floe types` read last; undefined when it has not run. */
export function recallDump(cacheDir: string): OptionDump | undefined {
  const dump = readCache(dumpFile(cacheDir));
  return isRecord(dump) && dump["version"] === 2 ? (dump as unknown as OptionDump) : undefined;
}

export function dumpFile(cacheDir: string): string {
  return join(cacheDir, "options.json");
}

/** The hash of a project's flake.lock; empty without one. */
export function lockHash(root: string): string {
  try {
    return createHash("sha256")
      .update(readFileSync(join(root, "flake.lock")))
      .digest("hex");
  } catch {
    return "";
  }
}
