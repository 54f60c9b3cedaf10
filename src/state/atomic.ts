/** Files of `.floe/` that must survive a crash whole: the old content or the new one, never half of it. */
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { StateError } from "../errors.ts";

/**
 * Replaces a file: it is written beside itself, brought to the disk, and renamed.
 * @throws StateError when it cannot be written
 */
export function replaceFile(path: string, content: string): void {
  const draft = `${path}.${process.pid}.new`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeDurably(draft, content);
    renameSync(draft, path);
    syncFolder(dirname(path));
  } catch (cause) {
    removeIfThere(draft);
    throw cannotWrite(path, cause);
  }
}

/** Writes a new file and waits until it is on the disk. */
export function writeDurably(path: string, content: string): void {
  const file = openSync(path, "w", 0o600);
  try {
    writeSync(file, content);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** A new or renamed name is safe only once its folder is on the disk. */
export function syncFolder(folder: string): void {
  const handle = openSync(folder, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** Whatever stood in the way of writing it may stand in the way of this. */
function removeIfThere(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // The first error says more.
  }
}

export function cannotWrite(path: string, cause: unknown): StateError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new StateError(`Cannot write "${path}": ${reason}`, {
    cause,
    hint: "Check that the disk is not full and that the project's .floe folder is yours",
  });
}
