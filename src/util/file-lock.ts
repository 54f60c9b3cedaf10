import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { CancelledError } from "../errors.ts";
import { releaseLock, startTimeOf, takeLock } from "./lock-file.ts";
import { pause } from "./pause.ts";

const RETRY_MS = 50;

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
  const own = `${process.pid} ${startTimeOf(process.pid) ?? ""}`;
  let isWaiting = false;
  for (;;) {
    const taken = takeLock(path, own, isHeld);
    if (taken.isTaken) break;
    if (taken.holder !== undefined && !isWaiting) {
      isWaiting = true;
      options.onWait?.(Number.parseInt(taken.holder, 10));
    }
    if (options.signal?.aborted) throw new CancelledError("Cancelled while waiting for another floe");
    await pause(RETRY_MS, options.signal);
  }
  try {
    return await work();
  } finally {
    releaseLock(path, own);
  }
}

// --- internal ---

/** A process that may not be looked at is believed. */
function isHeld(content: string): boolean {
  const [number = "", began = ""] = content.split(" ");
  const pid = Number(number);
  if (!(pid > 0)) return false;
  const now = startTimeOf(pid);
  return now === undefined ? isHidden(pid) : now === began;
}

function isHidden(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
