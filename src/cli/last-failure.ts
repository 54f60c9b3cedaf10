/** What the journal has of the last change of an instance that was not healthy: for what Incus has forgotten. Pure. */
import type { JournalSummary } from "../pipeline.ts";

export interface LastFailure {
  /** When that apply began, ISO 8601. */
  readonly at: string;
  /** With the last lines of the instance's log, where there were any. */
  readonly text: string;
}

/** `runs`: the newest first. `address`: `SERVER/PROJECT/NAME`. */
export function lastFailure(runs: readonly JournalSummary[], address: string): LastFailure | undefined {
  for (const { startedAt, changes } of runs) {
    const failed = changes.find(({ subject, error }) => subject === address && error !== undefined);
    if (failed?.error !== undefined) return { at: startedAt, text: failed.error };
  }
  return undefined;
}
