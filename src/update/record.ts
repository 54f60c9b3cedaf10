/** Keeping a new flake.lock, and the way back to the one before: `.floe/update.json`. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { FloeError, StateError } from "../errors.ts";
import { replaceFile } from "../state/atomic.ts";
import { isRecord, readCache, readText, writeFileWhole } from "../util/files.ts";
import { readFlakeLock } from "./flake-lock.ts";
import { type InputChange, movedInputs, toChange } from "./input-changes.ts";
import { lockCommit } from "./lock-commit.ts";

/** Both locks of an update. */
export interface LockTexts {
  /** Undefined: there was none. */
  readonly before: string | undefined;
  readonly after: string;
}

/**
 * Puts the new lock in its place, whole or not at all; the way back is written first.
 * @throws StateError when the lock is no longer the one that the update began with
 */
export function keepNewLock(root: string, lock: LockTexts, now: number): void {
  const file = join(root, "flake.lock");
  if (readText(file) !== lock.before)
    throw new StateError("flake.lock was changed by somebody else meanwhile, and stays as it is now", {
      hint: "Repeat the update",
    });
  const record: UpdateRecord = { version: 1, at: now, before: lock.before ?? null, after: lock.after };
  replaceFile(recordPath(root), JSON.stringify(record));
  writeFileWhole(file, lock.after);
}

export interface RevertOptions {
  /** Go back also where the lock is no longer the one that the update made, or is committed. */
  readonly force: boolean;
  readonly signal: AbortSignal;
}

/**
 * Puts the lock from before the last update back; answers what that changed.
 * @throws FloeError when there is none, when somebody else changed the lock since, and when it is committed
 */
export async function revertLock(root: string, { force, signal }: RevertOptions): Promise<InputChange[]> {
  const record = readRecord(root);
  if (record === undefined)
    throw new FloeError("There is no update to go back from", { hint: "git log flake.lock shows earlier locks" });
  const file = join(root, "flake.lock");
  const now = readText(file);
  const before = record.before ?? undefined;
  if (now !== before && !force) await refuse(root, now, record, signal);
  if (before === undefined) rmSync(file, { force: true });
  else writeFileWhole(file, before);
  rmSync(recordPath(root), { force: true });
  return changesBack(now, before);
}

// --- internal ---

interface UpdateRecord {
  readonly version: 1;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly before: string | null;
  readonly after: string;
}

function recordPath(root: string): string {
  return join(root, ".floe", "update.json");
}

/** One that cannot be read is none: then there is nothing to go back to. */
function readRecord(root: string): UpdateRecord | undefined {
  const record = readCache(recordPath(root));
  if (!isRecord(record) || record["version"] !== 1 || typeof record["after"] !== "string") return undefined;
  const { before } = record;
  return before === null || typeof before === "string" ? (record as unknown as UpdateRecord) : undefined;
}

async function refuse(root: string, now: string | undefined, { after, at }: UpdateRecord, signal: AbortSignal) {
  if (now !== after)
    throw new FloeError(`flake.lock was changed by somebody else since the update of ${day(at)}`, {
      hint: "--force puts the lock from before that update back nevertheless; git diff flake.lock shows what is different",
    });
  const commit = await lockCommit(root, after, signal);
  if (commit !== undefined)
    throw new FloeError(`The update of ${day(at)} is committed as ${commit.slice(0, 12)}`, {
      hint: `git revert ${commit.slice(0, 12)}, which leaves a trace; --force only puts the old flake.lock back`,
    });
}

function day(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

function changesBack(from: string | undefined, to: string | undefined): InputChange[] {
  const [was, is] = [from, to].map((text) => (text === undefined ? undefined : readFlakeLock(text)));
  return is === undefined ? [] : movedInputs(was, is).map((moved) => toChange(moved, undefined));
}
