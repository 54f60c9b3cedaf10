/** Every apply: who, when, what, and what came of it. */
import { currentHolder, history, type JournalSummary, readRun } from "../../pipeline.ts";
import { defined } from "../../util/defined.ts";
import type { Serve } from "../context.ts";
import type { HistoryDetails, HistoryEntry, Job } from "../protocol.ts";
import { notFound } from "../refused.ts";

/** The newest first. */
export function listHistory(serve: Serve): HistoryEntry[] {
  const jobs = serve.jobs.list();
  const running = runningSince(serve.root);
  return history(serve.root).map((run) => entryOf(run, jobs, running));
}

/** @throws RefusedError 404 */
export function describeRun(serve: Serve, id: string): HistoryDetails {
  const found = readRun(serve.root, id);
  if (found === undefined) throw notFound("apply", id);
  return { entry: entryOf(found.summary, serve.jobs.list(), runningSince(serve.root)), entries: found.entries };
}

// --- internal ---

const changing: ReadonlySet<Job["kind"]> = new Set(["apply", "switch", "rollback", "power", "prune", "snapshot"]);

/** One change is under way at a time, so the job is the one in whose time the journal was begun. */
function entryOf(run: JournalSummary, jobs: readonly Job[], running: string | undefined): HistoryEntry {
  const at = Date.parse(run.startedAt);
  const job = jobs.find(
    ({ kind, startedAt, endedAt = Number.POSITIVE_INFINITY, user }) =>
      changing.has(kind) && startedAt <= at && at <= endedAt && (run.by === undefined || run.by === user),
  );
  const isRunning = run.endedAt === undefined && running !== undefined && running <= run.startedAt;
  return { ...run, isRunning, ...defined({ user: run.by, job: job?.id }) };
}

/** Who has the lock writes the journals that were begun since. */
function runningSince(root: string): string | undefined {
  return currentHolder(root)?.since;
}
