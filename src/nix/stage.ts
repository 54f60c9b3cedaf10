/**
 * The snapshot that nix evaluates: `.floe/src/`, a copy of the project as it is on disk. Evaluating a copy keeps `.git` and `node_modules`
 * out of the store and untracked files in, and its content hash says for certain that nothing changed.
 */
import { createHash } from "node:crypto";
import {
  chmodSync,
  constants,
  copyFileSync,
  createReadStream,
  lstatSync,
  lutimesSync,
  mkdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";
import { pipeline } from "node:stream/promises";
import { CancelledError, ConfigError, StateError } from "../errors.ts";
import type { Emit } from "../report/events.ts";
import { readCache, writeFileWhole } from "../util/files.ts";
import { sha256 } from "../util/sha256.ts";
import { evaluatedFolder } from "./existing-flake.ts";
import { readIndex, type StagedFile, type StageIndex, stampOf, treeHash, vanished } from "./stage-index.ts";
import { listStage, type StageEntry } from "./stage-list.ts";

export interface Stage {
  /** The project's folder in the snapshot, absolute: the snapshot itself, or where that is of a whole repository, a folder in it. */
  readonly path: string;
  /** SHA-256 of the whole tree, in hex: paths, kinds, executable bits and contents. */
  readonly hash: string;
  /** How many files and links it holds. */
  readonly files: number;
}

const STAGE = "/.floe/src";
/** Files larger than this get a warning: every evaluation copies them into the store. */
const LARGE_BYTES = 50n * 1024n * 1024n;
/** Files up to this size are read in one piece. */
const PIECE_BYTES = 8n * 1024n * 1024n;

/**
 * Brings the snapshot of the project at `root` up to date and returns it; where floe did not write its flake, that of the whole repository around it, as
 * nix would take it. Only what changed is read. A floe that is killed in here leaves a
 * stage without an index, which the next one makes anew. Two at once are kept apart by the caller.
 */
export async function stageProject(options: {
  readonly root: string;
  readonly emit?: Emit;
  readonly signal?: AbortSignal | undefined;
}): Promise<Stage> {
  const path = stagePath(options.root);
  const indexFile = indexPath(options.root);
  const top = evaluatedFolder(options.root);
  const folder = relative(top, options.root);
  const entries = await listStage(top, options.signal);
  const known = readIndex(readCache(indexFile), inodeOf(path));
  const before = known?.folder === folder ? known.files : undefined;
  const nowNs = BigInt(Date.now()) * 1_000_000n;
  const after: Record<string, StagedFile> = {};
  const changed: StageEntry[] = [];
  for (const entry of entries) {
    const old = before?.[entry.path];
    if (old !== undefined && old.stamp !== "" && old.stamp === stampOfEntry(entry, nowNs)) after[entry.path] = old;
    else changed.push(entry);
  }
  const gone = before === undefined ? [] : vanished(before, new Set(entries.map((entry) => entry.path)));
  if (before === undefined || changed.length > 0 || gone.length > 0) {
    rmSync(indexFile, { force: true });
    if (before === undefined) rmSync(path, { recursive: true, force: true });
    mkdirSync(path, { recursive: true });
    for (const name of gone) remove(path, name);
    for (const entry of changed) {
      if (options.signal?.aborted) throw new CancelledError("Cancelled while the project was copied");
      const file = await write(path, entry, nowNs, options.emit);
      if (file !== undefined) after[entry.path] = file;
    }
    settleFolders(path, Object.keys(after));
    const index: StageIndex = { version: 2, stage: inodeOf(path), folder, files: after };
    writeFileWhole(indexFile, JSON.stringify(index));
  }
  return { path: join(path, folder), hash: treeHash(after), files: Object.keys(after).length };
}

/** The snapshot's folder. */
function stagePath(root: string): string {
  return `${root}${STAGE}`;
}

/** The project's folder in its snapshot, whether that was made or not. */
export function stagedProject(root: string): string {
  return join(stagePath(root), relative(evaluatedFolder(root), root));
}

/** The snapshot as it was made last, with the hash of each file by its path from the project; undefined when there is none. */
export function lastStage(root: string): (Pick<Stage, "hash"> & Pick<StageIndex, "files">) | undefined {
  const index = readIndex(readCache(indexPath(root)), inodeOf(stagePath(root)));
  if (index === undefined) return undefined;
  const { files, folder } = index;
  const named = Object.entries(files).map(([path, file]) => [relative(folder, path), file] as const);
  return { hash: treeHash(files), files: folder === "" ? files : Object.fromEntries(named) };
}

/** A folder of a snapshot as the snapshot and the folder's path in it, "" for itself. */
export function splitStage(path: string): { readonly top: string; readonly folder: string } {
  const at = path.lastIndexOf(STAGE);
  const end = at < 0 ? path.length : at + STAGE.length;
  return { top: path.slice(0, end), folder: path.slice(end + 1) };
}

/** Says who is at work on the snapshot, to somebody who waits for its lock. */
export function sayWaiting(emit: Emit): (pid: number) => void {
  return (pid) =>
    emit({
      type: "message",
      level: "info",
      text: `Waiting for another floe to finish its evaluation (process ${pid})`,
    });
}

/** Makes the next `stageProject` begin from nothing; called before anything else writes into the stage. */
export function forgetStage(root: string): void {
  rmSync(indexPath(root), { force: true });
}

// --- internal ---

function indexPath(root: string): string {
  return join(root, ".floe", "cache", "stage.json");
}

function inodeOf(path: string): string {
  const stat = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return stat === undefined ? "" : `${stat.dev}:${stat.ino}`;
}

function stampOfEntry(entry: StageEntry, nowNs: bigint): string {
  return entry.kind === "link" ? `link:${entry.target}` : stampOf(entry.stat, nowNs);
}

/** `undefined` when the file was deleted meanwhile. */
async function write(
  stage: string,
  entry: StageEntry,
  nowNs: bigint,
  emit: Emit | undefined,
): Promise<StagedFile | undefined> {
  try {
    return await writeEntry(stage, entry, nowNs, emit);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT") return undefined;
    if (code === "EACCES" || code === "EPERM") {
      throw new ConfigError(`Cannot read "${entry.path}": ${message}`, {
        hint: "Everything in the project's folder is part of it: make it readable, or git-ignore it",
        cause,
      });
    }
    throw new StateError(`Cannot copy "${entry.path}" to "${stage}": ${message}`, {
      hint: code === "ENOSPC" ? "The disk is full: free some space, for example with `nix-collect-garbage`" : undefined,
      cause,
    });
  }
}

async function writeEntry(
  stage: string,
  entry: StageEntry,
  nowNs: bigint,
  emit: Emit | undefined,
): Promise<StagedFile> {
  const path = join(stage, entry.path);
  const stamp = stampOfEntry(entry, nowNs);
  rmSync(path, { recursive: true, force: true });
  mkdirSync(dirname(path), { recursive: true });
  if (entry.kind === "link") {
    symlinkSync(entry.target, path);
    lutimesSync(path, 1, 1);
    return { stamp, hash: sha256(entry.target), kind: "link" };
  }
  if (entry.stat.size > LARGE_BYTES) warnLarge(entry, emit);
  const executable = (entry.stat.mode & 0o100n) !== 0n;
  const hash = await copy(entry, path);
  chmodSync(path, executable ? 0o755 : 0o644);
  // One time for all: `self.lastModified` then depends on nothing, and the hash of the tree covers all that an evaluation can see.
  utimesSync(path, 1, 1);
  return { stamp, hash, kind: executable ? "exec" : "file" };
}

/** Copies a file and returns the hash of what was written, even when the file changes meanwhile. */
async function copy(entry: StageEntry & { kind: "file" }, path: string): Promise<string> {
  if (entry.stat.size <= PIECE_BYTES) {
    const content = readFileSync(entry.source);
    writeFileSync(path, content);
    return sha256(content);
  }
  copyFileSync(entry.source, path, constants.COPYFILE_FICLONE);
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

/** Removes a path and the folders it leaves empty: nix would count an empty folder as content, and git knows none. */
function remove(stage: string, name: string): void {
  rmSync(join(stage, name), { recursive: true, force: true });
  for (let folder = dirname(name); folder !== "."; folder = dirname(folder)) {
    try {
      rmdirSync(join(stage, folder));
    } catch {
      return;
    }
  }
}

function settleFolders(stage: string, paths: readonly string[]): void {
  const folders = new Set([""]);
  for (const path of paths)
    for (let folder = dirname(path); folder !== "."; folder = dirname(folder)) folders.add(folder);
  for (const folder of folders) utimesSync(join(stage, folder), 1, 1);
}

function warnLarge(entry: StageEntry & { kind: "file" }, emit: Emit | undefined): void {
  const megabytes = Math.round(Number(entry.stat.size) / 1024 / 1024);
  emit?.({
    type: "message",
    level: "warning",
    text: `"${entry.path}" is ${megabytes} MB and part of every evaluation; git-ignore it if no module needs it`,
  });
}
