/** What the stage holds, remembered between runs so that an unchanged project costs no reading. */
import { createHash } from "node:crypto";
import type { BigIntStats } from "node:fs";
import { isRecord } from "../util/files.ts";

/** One staged path: `stamp` tells whether its source changed since, `hash` is that of its content (of its target for a link). */
export interface StagedFile {
  readonly stamp: string;
  readonly hash: string;
  readonly kind: "file" | "exec" | "link";
}

export interface StageIndex {
  readonly version: 2;
  /** The inode of the stage's folder: another folder in its place means that the index is about something else. */
  readonly stage: string;
  /** The project's folder in it: "" where the project itself was staged. */
  readonly folder: string;
  readonly files: Readonly<Record<string, StagedFile>>;
}

/** A file younger than this may change again without a change of its time stamps: it is read again the next time. */
const RACY_NS = 100_000_000n;

/** Changes whenever the file's content or mode may have. The change time is in it because the modification time can be set back. */
export function stampOf(stat: BigIntStats, nowNs: bigint): string {
  if (nowNs - stat.ctimeNs < RACY_NS) return "";
  return [stat.dev, stat.ino, stat.size, stat.mode, stat.mtimeNs, stat.ctimeNs].join(":");
}

/** The hash of the whole tree: of every path in order, with its kind and its content's hash. */
export function treeHash(files: Readonly<Record<string, StagedFile>>): string {
  const hash = createHash("sha256");
  const paths = Object.keys(files).sort();
  for (const path of paths) {
    const file = files[path] as StagedFile;
    hash.update(`${file.kind}\0${path}\0${file.hash}\0`);
  }
  return hash.digest("hex");
}

/** The paths in `before` that are not in `after`, or are there as something else. */
export function vanished(before: StageIndex["files"], after: ReadonlySet<string>): string[] {
  return Object.keys(before).filter((path) => !after.has(path));
}

/** The index in a cache file; `undefined` when it is missing, damaged or about another folder. */
export function readIndex(json: unknown, stage: string): StageIndex | undefined {
  if (!isRecord(json) || json["version"] !== 2 || json["stage"] !== stage || !isRecord(json["files"])) return undefined;
  return json as unknown as StageIndex;
}
