/**
 * One floe at a time changes the world for a project: a lock file that says who holds it. It appears with its content in
 * one step, so nobody ever reads half of it, and the lock of a process that is gone is taken over by exactly one other.
 */
import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { hostname, userInfo } from "node:os";
import { dirname, join } from "node:path";
import { LockedError, StateError } from "../errors.ts";
import { isRecord } from "../util/files.ts";
import { readLock, releaseLock, startTimeOf, takeLock } from "../util/lock-file.ts";
import { cannotWrite } from "./atomic.ts";

export interface LockHolder {
  readonly pid: number;
  /** Clock ticks after boot, from /proc/PID/stat: tells a process from a later one with the same number. */
  readonly startTime: string;
  /** Of this boot of the machine. */
  readonly boot: string;
  readonly host: string;
  /** What floe is doing: `apply`, `rollback`. */
  readonly verb: string;
  /** Who wanted it: `me@desk`, or who is logged in to the dashboard. */
  readonly by: string;
  /** ISO 8601 */
  readonly since: string;
  /** Unlike any other lock's. */
  readonly token: string;
}

export interface Lock {
  /** The project's folder. */
  readonly root: string;
  readonly holder: LockHolder;
  release(): void;
}

/**
 * Takes the lock of the project, or says who has it. It does not wait. `by`: who wants it; default: who runs floe.
 * @throws LockedError when another floe that is alive has it; StateError when `.floe` cannot be written
 */
export function acquireLock(root: string, verb: string, by = whoRuns()): Lock {
  const path = lockPath(root);
  const holder = identify(verb, by);
  try {
    mkdirSync(dirname(path), { recursive: true });
    take(path, holder);
  } catch (cause) {
    if (cause instanceof LockedError || cause instanceof StateError) throw cause;
    throw cannotWrite(path, cause);
  }
  return { root, holder, release: () => releaseLock(path, contentOf(holder)) };
}

/** Who has the lock now; undefined when nobody does, or nobody who is alive. */
export function currentHolder(root: string): LockHolder | undefined {
  const content = readLock(lockPath(root));
  const holder = content === undefined ? nobody : parseHolder(content);
  return isAlive(holder) ? holder : undefined;
}

/** `me@desk`; a number where the user has no name. */
export function whoRuns(): string {
  const machine = hostname().split(".")[0];
  try {
    return `${userInfo().username}@${machine}`;
  } catch {
    return `${process.getuid?.() ?? "?"}@${machine}`;
  }
}

// --- internal ---

function lockPath(root: string): string {
  return join(root, ".floe", "lock");
}

function take(path: string, holder: LockHolder): void {
  const taken = takeLock(path, contentOf(holder), (content) => isAlive(parseHolder(content)));
  if (taken.isTaken) return;
  if (taken.holder !== undefined) throw locked(parseHolder(taken.holder));
  throw new StateError(`Cannot take the lock "${path}": it changes hands all the time`, { hint: "Try again" });
}

function contentOf(holder: LockHolder): string {
  return JSON.stringify(holder);
}

/** A file that floe did not write counts as held by nobody who is alive. */
function parseHolder(content: string): LockHolder {
  try {
    const holder: unknown = JSON.parse(content);
    if (isRecord(holder) && typeof holder["pid"] === "number" && typeof holder["token"] === "string")
      return { ...nobody, ...holder };
  } catch {
    // Below.
  }
  return nobody;
}

const nobody: LockHolder = { pid: 0, startTime: "", boot: "", host: "", verb: "?", by: "", since: "", token: "0" };

function identify(verb: string, by: string): LockHolder {
  return {
    pid: process.pid,
    startTime: startTimeOf(process.pid) ?? "",
    boot: bootId(),
    host: hostname(),
    verb,
    by,
    since: new Date().toISOString(),
    token: randomBytes(8).toString("hex"),
  };
}

/** Another machine's processes cannot be seen, so its lock is believed. */
function isAlive(holder: LockHolder): boolean {
  if (holder.pid === 0) return false;
  if (holder.host !== hostname()) return true;
  return holder.boot === bootId() && startTimeOf(holder.pid) === holder.startTime;
}

function bootId(): string {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    return "";
  }
}

function locked(holder: LockHolder): LockedError {
  const where = holder.host === hostname() ? `process ${holder.pid}` : `process ${holder.pid} on "${holder.host}"`;
  return new LockedError(`Another floe is at work in this project: "${holder.verb}" (${where}) since ${holder.since}`, {
    hint:
      holder.host === hostname()
        ? "Wait until it is done"
        : "Wait until it is done. If that machine is gone, delete .floe/lock",
    details: { holder: { ...holder } },
  });
}
