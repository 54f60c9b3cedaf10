/** Files of `.floe/` that must survive a crash whole: the old content or the new one, never half of it. */
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync } from "node:fs";
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
export function removeIfThere(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // Who has to know was told by what failed before.
  }
}

export function cannotWrite(path: string, cause: unknown): StateError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new StateError(`Cannot write "${path}": ${reason}`, {
    cause,
    hint: "Check that the disk is not full and that the project's .floe folder is yours",
  });
}

// --- internal ---

/** Writes a new file and waits until it is on the disk. A disk that is nearly full takes a part and says nothing: `writeFileSync` goes on until it does. */
function writeDurably(path: string, content: string): void {
  const file = openSync(path, "w", 0o600);
  try {
    writeFileSync(file, content);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
