import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CancelledError } from "../errors.ts";

const RETRY_MS = 50;
let drafts = 0;

/**
 * Runs `work` while this process alone holds the lock file, waiting for another process that holds it. A lock whose process is gone is
 * taken over. `onWait` is called once, with the other's process id. @throws what `work` throws, and CancelledError while waiting.
 */
export async function withFileLock<T>(
  path: string,
  options: { readonly signal?: AbortSignal | undefined; readonly onWait?: (pid: number) => void },
  work: () => Promise<T>,
): Promise<T> {
  mkdirSync(dirname(path), { recursive: true });
  let waiting = false;
  while (!take(path)) {
    const holder = read(path);
    if (holder !== undefined && holder !== describe(pidOf(holder))) {
      release(path, holder);
      continue;
    }
    if (holder !== undefined && !waiting) {
      waiting = true;
      options.onWait?.(pidOf(holder));
    }
    if (options.signal?.aborted) throw new CancelledError("Cancelled while waiting for another floe");
    await sleep(RETRY_MS);
  }
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}

// --- internal ---

/** Linking puts the lock there with its content or not at all; a file that is created and then written could be read empty. */
function take(path: string): boolean {
  const draft = `${path}.${process.pid}.${drafts++}`;
  writeFileSync(draft, describe(process.pid));
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Takes a dead process's lock away; puts it back when another process was faster and the lock is now its own. */
function release(path: string, dead: string): void {
  const aside = `${path}.${process.pid}.${drafts++}`;
  try {
    renameSync(path, aside);
    if (read(aside) !== dead) linkSync(aside, path);
  } catch {
    // Gone, or taken again: the next round looks anew.
  } finally {
    rmSync(aside, { force: true });
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

/** Process id and start time: the id alone may belong to another process by now. Empty when there is no such process. */
function describe(pid: number): string {
  const fields = read(`/proc/${pid}/stat`)
    ?.replace(/^.*\) /s, "")
    .split(" ");
  if (fields !== undefined) return `${pid} ${fields[19]}`;
  return isAlive(pid) ? `${pid}` : "";
}

function pidOf(holder: string): number {
  return Number.parseInt(holder, 10);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
