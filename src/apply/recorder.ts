/** One place that every event and outcome of an apply goes through: out to the reader, into the journal, into the report. */
import type { ChangeOutcome, Emit, FloeEvent } from "../report/events.ts";
import { type ApplyReport, type Reported, reduceEvent, startReport } from "../report/reduce.ts";
import type { Journal } from "../state/journal.ts";
import { type Outcome, reasonOf } from "./context.ts";

export interface Recorder {
  readonly emit: Emit;
  /** Runs a change to its end. What it throws counts as undone: it throws only before it changed something. */
  change(address: string, work: () => Promise<Outcome>): Promise<Outcome>;
  /** The outcome of a change that is not run, or was run elsewhere. */
  settle(address: string, outcome: Outcome, ms?: number): void;
  /** The outcome so far. */
  outcomeOf(address: string): ChangeOutcome | undefined;
  /** The plan was made anew after a recovery: changes that are over keep their outcome. */
  replan(plan: Reported): void;
  report(): ApplyReport;
  /** Ends the journal. */
  end(ms: number, exitCode?: number): ApplyReport;
}

export function recorder(plan: Reported, out: Emit, journal: Journal): Recorder {
  let report = startReport(plan);
  const emit: Emit = (event) => {
    report = reduceEvent(report, { at: Date.now(), ...event } as FloeEvent);
    out(event);
  };
  const settle = (address: string, { outcome, error, hint }: Outcome, ms = 0): void => {
    journal.change(address, outcome, error);
    emit({
      type: "change.end",
      subject: address,
      outcome,
      ms,
      ...(error === undefined ? {} : { error }),
      ...(hint === undefined ? {} : { hint }),
    });
  };
  return {
    emit,
    settle,
    async change(address, work) {
      const begin = performance.now();
      const outcome = await work().catch((error: unknown): Outcome => ({ outcome: "undone", ...reasonOf(error) }));
      settle(address, outcome, Math.round(performance.now() - begin));
      return outcome;
    },
    outcomeOf: (address) => report.changes.find((change) => change.address === address)?.outcome,
    replan(next) {
      const fresh = startReport(next);
      const over = report.changes.filter(
        ({ outcome, address }) => outcome !== undefined || !next.changes.some((change) => change.address === address),
      );
      const rest = fresh.changes.filter(({ address }) => !over.some((change) => change.address === address));
      report = { ...report, changes: [...over, ...rest], unchanged: fresh.unchanged };
    },
    report: () => report,
    end(ms, exitCode) {
      report = { ...report, ms };
      journal.end(exitCode ?? report.exitCode);
      if (journal.problem !== undefined)
        emit({
          type: "message",
          level: "warning",
          text: `The journal has not all of this: ${journal.problem.message}`,
        });
      return report;
    },
  };
}
