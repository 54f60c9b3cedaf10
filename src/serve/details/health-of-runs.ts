import type { JournalSummary } from "../../state/journal.ts";
import type { InstanceDetails } from "../protocol.ts";

/** What applies found out of an instance's health: one that was done had passed its checks. The newest first. */
export function healthOfRuns(runs: readonly JournalSummary[], address: string): InstanceDetails["health"][number][] {
  return runs.flatMap(({ changes, startedAt, endedAt = startedAt }) =>
    changes
      .filter(({ subject, outcome }) => subject === address && outcome !== "skipped")
      .map(({ error }) => ({ at: Date.parse(endedAt), failures: error === undefined ? [] : [error] })),
  );
}
