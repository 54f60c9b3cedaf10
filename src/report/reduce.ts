/** From the events of an apply to what came of it. Pure: the terminal, `--json` and the dashboard show the same report. */
import type { HomeChange } from "../model/home-plan.ts";
import type { HostChange } from "../model/host-plan.ts";
import type { Change, ChangeAction, ChangeMethod } from "../model/plan.ts";
import type { ChangeOutcome, FloeEvent } from "./events.ts";

/** What a report is about: a plan of instances, of hosts, or of homes. */
export interface Reported {
  readonly fleet: string;
  readonly changes: readonly (Change | HomeChange | HostChange)[];
}

/** What came of one change. */
export interface ChangeReport {
  readonly kind: Reported["changes"][number]["kind"];
  readonly address: string;
  /** What people call it: the instance, container or volume. */
  readonly name: string;
  readonly action: ChangeAction;
  readonly method: ChangeMethod | null;
  /** Absent while it is not over. */
  readonly outcome?: ChangeOutcome;
  readonly ms: number;
  readonly error?: string;
  readonly hint?: string;
  /** The step it is at, or was at when it failed. */
  readonly step?: string;
}

export interface ApplyReport {
  readonly fleet: string;
  /** Every change of the plan that is one, in the order of the plan. */
  readonly changes: readonly ChangeReport[];
  /** Changes of the plan with nothing to do. */
  readonly unchanged: number;
  readonly counts: Readonly<Record<ChangeOutcome, number>>;
  /** Warnings and errors that belong to no change. */
  readonly messages: readonly { readonly level: "error" | "warning"; readonly text: string }[];
  /** 0: all done. 4: something failed, was undone or not begun. 5: an undo failed too. */
  readonly exitCode: 0 | 4 | 5;
  readonly ms: number;
  /** When the first event came; milliseconds since the epoch. */
  readonly startedAt?: number;
}

/** The report before anything happened. */
export function startReport(plan: Reported): ApplyReport {
  const changes = plan.changes.filter(({ action }) => action !== "none");
  return withCounts({
    fleet: plan.fleet,
    changes: changes.map((change) => ({
      kind: change.kind,
      address: change.address,
      name: change.kind === "image" ? change.container : change.name,
      action: change.action,
      method: change.kind === "instance" ? change.method : null,
      ms: 0,
    })),
    unchanged: plan.changes.length - changes.length,
    messages: [],
    ms: 0,
  });
}

export function reduceEvent(report: ApplyReport, event: FloeEvent): ApplyReport {
  const startedAt = report.startedAt ?? event.at;
  const timed = { ...report, startedAt, ms: event.at - startedAt };
  switch (event.type) {
    case "step.start":
      return update(timed, event.subject, (change) => ({ ...change, step: event.step }));
    case "change.end": {
      const { outcome, ms, error, hint } = event;
      const why = { ...(error === undefined ? {} : { error }), ...(hint === undefined ? {} : { hint }) };
      return update(timed, event.subject, (change) => ({ ...change, outcome, ms, ...why }));
    }
    case "message":
      return event.level === "info"
        ? timed
        : { ...timed, messages: [...timed.messages, { level: event.level, text: event.text }] };
    default:
      return timed;
  }
}

/** The whole stream at once. */
export function reduceEvents(plan: Reported, events: Iterable<FloeEvent>): ApplyReport {
  let report = startReport(plan);
  for (const event of events) report = reduceEvent(report, event);
  return report;
}

// --- internal ---

function update(report: ApplyReport, address: string, change: (before: ChangeReport) => ChangeReport): ApplyReport {
  return withCounts({ ...report, changes: report.changes.map((one) => (one.address === address ? change(one) : one)) });
}

function withCounts(report: Omit<ApplyReport, "counts" | "exitCode">): ApplyReport {
  const count = (outcome: ChangeOutcome): number =>
    report.changes.filter((change) => change.outcome === outcome).length;
  const counts = { done: count("done"), undone: count("undone"), failed: count("failed"), skipped: count("skipped") };
  return { ...report, counts, exitCode: counts.failed > 0 ? 5 : counts.undone + counts.skipped > 0 ? 4 : 0 };
}
