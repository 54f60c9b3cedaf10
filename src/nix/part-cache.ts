/** Derivations of single machines, by what they depend on. Only `check` asks: what is built is always evaluated whole. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Derivation, Evaluated, ImageDerivations } from "../model/evaluation.ts";
import { isRecord, readCache, writeCache } from "../util/files.ts";
import { sourcesKey } from "./evaluation-cache.ts";
import type { PartHash } from "./parts.ts";
import type { FleetAttribute } from "./select.ts";

/** Evaluations kept of each machine. */
const KEPT = 4;

export type PartValue = Derivation | ImageDerivations;

export interface PartCache {
  /** What the part was evaluated to before, if nothing that it depends on changed and the store still has it. */
  recall(part: FleetAttribute): PartValue | undefined;
  /** Keeps the good ones. */
  remember(parts: readonly (readonly [FleetAttribute, Evaluated<PartValue>])[]): void;
}

export function openPartCache(cacheDir: string, hashOf: PartHash, nixVersion: string): PartCache {
  const file = join(cacheDir, "parts.json");
  const read = readCache(file);
  const entries: Record<string, Entry[]> = isRecord(read) ? (read as Record<string, Entry[]>) : {};
  const keyOf = (part: FleetAttribute): string => sourcesKey(hashOf(part), nixVersion, nameOf(part));
  return {
    recall(part) {
      const value = entries[nameOf(part)]?.find(({ key }) => key === keyOf(part))?.value;
      return value !== undefined && drvPaths(value).every((path) => existsSync(path)) ? value : undefined;
    },
    remember(parts) {
      for (const [part, made] of parts) {
        if (!made.ok) continue;
        const key = keyOf(part);
        const others = (entries[nameOf(part)] ?? []).filter((entry) => entry.key !== key);
        entries[nameOf(part)] = [{ key, value: made.value }, ...others].slice(0, KEPT);
      }
      writeCache(file, entries);
    },
  };
}

// --- internal ---

interface Entry {
  readonly key: string;
  readonly value: PartValue;
}

function nameOf({ group, name }: FleetAttribute): string {
  return `${group}/${name}`;
}

function drvPaths(value: PartValue): string[] {
  return "drvPath" in value ? [value.drvPath] : [value.rootfs.drvPath, value.metadata.drvPath];
}
