/** Lock files: one that is there with its content names who holds it, and the lock of a process that is gone is taken over by exactly one other. */
import { randomBytes } from "node:crypto";
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { sha256 } from "./sha256.ts";

/** What became of an attempt; `holder` is the content of the lock that was in the way, undefined where it changes hands all the time. */
export type Taken = { readonly isTaken: true } | { readonly isTaken: false; readonly holder: string | undefined };

/**
 * Puts a lock there with its content in one step, unless somebody has it. A lock whose holder is gone may be replaced only by who holds the claim
 * on just that lock; the claim is a lock like any other, so a crash in between is taken over the same way.
 */
export function takeLock(path: string, content: string, isHeld: (content: string) => boolean): Taken {
  const draft = `${path}.${randomBytes(8).toString("hex")}.new`;
  writeFileSync(draft, content, { mode: 0o600 });
  try {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      // A hard link is made whole or not at all; a file that is created and then written could be read empty.
      if (tryLink(draft, path)) return { isTaken: true };
      const other = readLock(path);
      // Released between the two calls.
      if (other === undefined) continue;
      if (isHeld(other)) return { isTaken: false, holder: other };
      const claim = `${path}.${sha256(other).slice(0, 16)}`;
      const claimed = takeLock(claim, content, isHeld);
      if (!claimed.isTaken) return claimed;
      try {
        // Another one may have been through all of this since the lock was read.
        if (readLock(path) !== other) continue;
        renameSync(draft, path);
        return { isTaken: true };
      } finally {
        releaseLock(claim, content);
      }
    }
    return { isTaken: false, holder: undefined };
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Takes the lock away if it is still this one. */
export function releaseLock(path: string, content: string): void {
  if (readLock(path) === content) rmSync(path, { force: true });
}

/** Undefined: there is none. */
export function readLock(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/**
 * When a process began, in clock ticks after boot: tells it from a later one with the same number. Field 22 of /proc/PID/stat, see
 * proc_pid_stat(5); the name before it may hold spaces and brackets. Undefined: there is no such process, or it does nothing any more.
 */
export function startTimeOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const [state, ...fields] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return state === "Z" || state === "X" ? undefined : fields[18];
  } catch {
    return undefined;
  }
}

// --- internal ---

/** Locks that are released or taken over again and again meanwhile. */
const ATTEMPTS = 20;

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}
