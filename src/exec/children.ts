import type { ChildProcess } from "node:child_process";

/** Milliseconds between asking a process group to end and killing it. Nix needs a moment to end its builders and free its locks. */
export const GRACE_MS = 5_000;

const running = new Set<number>();
let watching = false;

/**
 * Remembers a child that leads its own process group, so that it ends with floe whatever way floe ends. The terminal's Ctrl-C does not
 * reach such a group: floe passes the end on.
 */
export function adoptGroup(child: ChildProcess): void {
  const pid = child.pid;
  if (pid === undefined) return;
  if (!watching) {
    watching = true;
    process.on("exit", () => {
      for (const group of running) signalGroup(group, "SIGTERM");
    });
  }
  running.add(pid);
  child.once("close", () => running.delete(pid));
}

/** Asks the group to end, and kills what is left of it after the grace period. Returns a function that calls the killing off. */
export function endGroup(pid: number, graceMs: number = GRACE_MS): () => void {
  signalGroup(pid, "SIGTERM");
  const timer = setTimeout(() => signalGroup(pid, "SIGKILL"), graceMs);
  return () => clearTimeout(timer);
}

/** Sends a signal to every process of a group; true when there was one. */
export function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-pid, signal);
    return true;
  } catch {
    return false;
  }
}
