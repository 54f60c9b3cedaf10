/**
 * The journal: what an apply is about to do and what it did, one JSON line each. An intent is on the disk before the
 * action begins. It is for people and `history`; repair reads the world itself. So a disk that is full keeps nothing from
 * being begun that was not, and everything else from being left half done.
 */
import { randomBytes } from "node:crypto";
import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { StateError } from "../errors.ts";
import type { ChangeOutcome } from "../report/events.ts";
import { isRecord, readText } from "../util/files.ts";
import { cannotWrite, removeIfThere, syncFolder } from "./atomic.ts";
import type { Lock } from "./lock.ts";

export type JournalEntry = { readonly at: string } & (
  | {
      readonly type: "begin";
      readonly id: string;
      readonly verb: string;
      /** Absent in journals of older versions of floe. */
      readonly by?: string;
      readonly pid: number;
      readonly fleet: string;
    }
  | { readonly type: "intent"; readonly subject: string; readonly step: string; readonly detail?: string }
  | { readonly type: "done"; readonly subject: string; readonly step: string }
  | { readonly type: "failed"; readonly subject: string; readonly step: string; readonly error: string }
  | { readonly type: "change"; readonly subject: string; readonly outcome: ChangeOutcome; readonly error?: string }
  | { readonly type: "end"; readonly exitCode: number }
);
type WithoutTime<T> = T extends unknown ? Omit<T, "at"> : never;

export interface Journal {
  /** Of the apply: sorts by time. */
  readonly id: string;
  /** Why something is not in it; only what began anything new was thrown to its caller. */
  readonly problem: StateError | undefined;
  /**
   * On the disk when it returns. @throws StateError when it cannot be written and nothing of the subject was begun; else what was
   * begun goes on, to its end or back
   */
  intent(subject: string, step: string, detail?: string): void;
  done(subject: string, step: string): void;
  failed(subject: string, step: string, error: string): void;
  change(subject: string, outcome: ChangeOutcome, error?: string): void;
  end(exitCode: number): void;
}

/** One apply, as its journal tells it. */
export interface JournalSummary {
  readonly id: string;
  readonly verb: string;
  /** Who wanted it: `me@desk`, or who was logged in to the dashboard. */
  readonly by?: string;
  readonly fleet: string;
  readonly startedAt: string;
  /** Absent for one that was killed, or that still runs. */
  readonly endedAt?: string;
  readonly exitCode?: number;
  readonly changes: readonly { readonly subject: string; readonly outcome: ChangeOutcome; readonly error?: string }[];
  /** Steps that were begun and are neither done nor failed. */
  readonly openSteps: readonly { readonly subject: string; readonly step: string; readonly at: string }[];
}

/** Journals that are kept; older ones are deleted. */
const kept = 200;

/**
 * Begins a journal. It takes the lock as proof that nobody else writes.
 * @throws StateError when `.floe/journal` cannot be written
 */
export function openJournal(lock: Lock, verb: string, fleet: string): Journal {
  const folder = journalFolder(lock.root);
  const id = `${new Date()
    .toISOString()
    .replace(/[-:.Z]/g, "")
    .replace("T", "-")}-${randomBytes(3).toString("hex")}`;
  const path = join(folder, `${id}.jsonl`);
  const file = create(folder, path);
  const begun = new Set<string>();
  let problem: StateError | undefined;
  let isCut = false;
  const write = (entry: WithoutTime<JournalEntry>, isDurable = false): StateError | undefined => {
    try {
      // What a full disk took of the line before is ended first.
      writeFileSync(file, `${isCut ? "\n" : ""}${JSON.stringify({ at: new Date().toISOString(), ...entry })}\n`);
      isCut = false;
      if (isDurable) fsyncSync(file);
      return undefined;
    } catch (cause) {
      isCut = true;
      const error = cannotWrite(path, cause);
      problem ??= error;
      return error;
    }
  };
  const failure = write({ type: "begin", id, verb, by: lock.holder.by, pid: process.pid, fleet }, true);
  if (failure !== undefined) {
    closeSync(file);
    removeIfThere(path);
    throw failure;
  }
  dropOldest(folder);
  return {
    id,
    get problem() {
      return problem;
    },
    intent(subject, step, detail) {
      const failure = write({ type: "intent", subject, step, ...(detail === undefined ? {} : { detail }) }, true);
      if (failure !== undefined && !begun.has(subject)) throw failure;
      begun.add(subject);
    },
    done: (subject, step) => void write({ type: "done", subject, step }),
    failed: (subject, step, error) => void write({ type: "failed", subject, step, error }),
    change: (subject, outcome, error) =>
      void write({ type: "change", subject, outcome, ...(error === undefined ? {} : { error }) }),
    end(exitCode) {
      write({ type: "end", exitCode }, true);
      closeSync(file);
    },
  };
}

/** Every apply of the project, the newest first. */
export function history(root: string): JournalSummary[] {
  return journalFiles(journalFolder(root))
    .reverse()
    .flatMap((name) => summarise(readEntries(join(journalFolder(root), name))) ?? []);
}

/** One apply with its entries; undefined when there is none of this id. */
export function readRun(
  root: string,
  id: string,
): { readonly summary: JournalSummary; readonly entries: readonly JournalEntry[] } | undefined {
  const folder = journalFolder(root);
  // Of the names that there are, so that no other file is read whatever the id says.
  const name = journalFiles(folder).find((file) => file === `${id}.jsonl`);
  if (name === undefined) return undefined;
  const entries = readEntries(join(folder, name));
  const summary = summarise(entries);
  return summary && { summary, entries };
}

/** Applies that were killed, and were not followed by one that ended well: the newest first. Ask with the lock held. */
export function readUnfinished(root: string, running?: string): JournalSummary[] {
  const journals = history(root);
  const healed = journals.findIndex(({ exitCode }) => exitCode === 0);
  return journals
    .slice(0, healed < 0 ? undefined : healed)
    .filter(({ id, endedAt }) => endedAt === undefined && id !== running);
}

/** The entries of a journal; none when another floe has just deleted it. A line that was cut short, or is no entry, is left out. */
export function readEntries(path: string): JournalEntry[] {
  return (readText(path) ?? "").split("\n").flatMap((line) => parseEntry(line) ?? []);
}

/** Where the journals of a project are. */
export function journalFolder(root: string): string {
  return join(root, ".floe", "journal");
}

/** By name, which is by time. */
export function journalFiles(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith(".jsonl"))
      .sort();
  } catch {
    return [];
  }
}

// --- internal ---

function create(folder: string, path: string): number {
  try {
    mkdirSync(folder, { recursive: true });
    const file = openSync(path, "ax", 0o600);
    syncFolder(folder);
    return file;
  } catch (cause) {
    throw cannotWrite(path, cause);
  }
}

function dropOldest(folder: string): void {
  for (const name of journalFiles(folder).slice(0, -kept)) removeIfThere(join(folder, name));
}

/** What each kind of entry has that readers rely on. */
const texts: Readonly<Record<JournalEntry["type"], readonly string[]>> = {
  begin: ["id", "verb", "fleet"],
  intent: ["subject", "step"],
  done: ["subject", "step"],
  failed: ["subject", "step", "error"],
  change: ["subject", "outcome"],
  end: [],
};

function parseEntry(line: string): JournalEntry | undefined {
  let entry: unknown;
  try {
    entry = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (!isRecord(entry) || typeof entry["type"] !== "string" || !Object.hasOwn(texts, entry["type"])) return undefined;
  const { type } = entry as Pick<JournalEntry, "type">;
  return ["at", ...texts[type]].every((key) => typeof entry[key] === "string") ? (entry as JournalEntry) : undefined;
}

function summarise(entries: readonly JournalEntry[]): JournalSummary | undefined {
  const begin = entries.find((entry) => entry.type === "begin");
  if (begin === undefined) return undefined;
  const end = entries.find((entry) => entry.type === "end");
  const open = new Map<string, { subject: string; step: string; at: string }>();
  for (const entry of entries) {
    if (entry.type === "intent")
      open.set(`${entry.subject} ${entry.step}`, { subject: entry.subject, step: entry.step, at: entry.at });
    if (entry.type === "done" || entry.type === "failed") open.delete(`${entry.subject} ${entry.step}`);
  }
  return {
    id: begin.id,
    verb: begin.verb,
    ...(begin.by === undefined ? {} : { by: begin.by }),
    fleet: begin.fleet,
    startedAt: begin.at,
    ...(end === undefined ? {} : { endedAt: end.at, exitCode: end.exitCode }),
    changes: entries.flatMap((entry) =>
      entry.type === "change"
        ? [
            {
              subject: entry.subject,
              outcome: entry.outcome,
              ...(entry.error === undefined ? {} : { error: entry.error }),
            },
          ]
        : [],
    ),
    openSteps: [...open.values()],
  };
}
