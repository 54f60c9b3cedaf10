/** What became of a job, when its work is over. */
import { CancelledError, FloeError } from "../../errors.ts";
import type { ApplyReport } from "../../report/reduce.ts";
import { defined } from "../../util/defined.ts";
import type { Job } from "../protocol.ts";
import { toRefusal } from "../refused.ts";

export type JobOutcome = Pick<Job, "state"> & Partial<Pick<Job, "error" | "report">>;

/** It came to its end, with what its report says. */
export function outcomeOf(report: ApplyReport | undefined, signal: AbortSignal): JobOutcome {
  if (report === undefined || report.exitCode === 0) return { state: signal.aborted ? "cancelled" : "done" };
  const { undone, failed, skipped } = report.counts;
  const parts = [
    ...(undone > 0 ? [`${undone} failed and ${undone === 1 ? "is" : "are"} as before`] : []),
    ...(failed > 0 ? [`${failed} failed and could not be undone`] : []),
    ...(skipped > 0 ? [`${skipped} not begun`] : []),
  ];
  return { state: signal.aborted ? "cancelled" : "failed", error: { code: "APPLY", message: parts.join(", ") } };
}

/** It broke off. A cancelled apply tells what it came to. */
export function brokenOff(error: unknown, signal: AbortSignal): JobOutcome {
  const report = error instanceof FloeError ? (error.details["report"] as ApplyReport | undefined) : undefined;
  const isCancelled = error instanceof CancelledError || signal.aborted;
  return {
    state: isCancelled ? "cancelled" : "failed",
    ...(isCancelled && !(error instanceof FloeError) ? {} : { error: toRefusal(error) }),
    ...defined({ report }),
  };
}
