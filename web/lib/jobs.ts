/** The list of jobs, the newest first. */
import type { Job } from "../../src/serve/protocol.ts";

const keptJobs = 200;

/** With a job as it is now. */
export function withJob(jobs: readonly Job[], job: Job): readonly Job[] {
  const index = jobs.findIndex(({ id }) => id === job.id);
  if (index < 0) return [job, ...jobs].sort((a, b) => b.startedAt - a.startedAt).slice(0, keptJobs);
  // An answer may come after the event that says how it ended.
  return jobs[index]?.state !== "running" && job.state === "running" ? jobs : jobs.with(index, job);
}

/** Kinds that change the world: only one of them runs at a time. */
const changing: ReadonlySet<Job["kind"]> = new Set(["apply", "switch", "rollback", "power", "prune", "snapshot"]);

export function isChange({ kind }: Pick<Job, "kind">): boolean {
  return changing.has(kind);
}
