/** What came of a switch of hosts. */
import { ApplyError, type FloeError, RollbackError } from "../../errors.ts";
import type { ApplyReport, ChangeReport } from "../../report/reduce.ts";
import { verdict } from "./apply.ts";
import { outcomeWords } from "./event-words.ts";
import type { Colors } from "./style.ts";
import { alignColumns } from "./table.ts";
import { duration, listed } from "./words.ts";

/** A line for each host, and one that sums up. */
export function renderHostReport(report: ApplyReport, { colors }: { readonly colors: Colors }): string {
  const rows = report.changes.map((change) => cells(change, colors));
  return `${[...alignColumns(rows), "", colors.bold(verdict(report))].join("\n")}\n`;
}

/** The errors behind what did not go well, the worst last. Hosts that were spared for one reason are told together. */
export function hostFailures({ changes }: ApplyReport): FloeError[] {
  const of = (outcome: ChangeReport["outcome"]): ChangeReport[] =>
    changes.filter((change) => change.outcome === outcome);
  return [
    ...skippedTogether(of("skipped")),
    ...of("undone").map(
      ({ name, error, hint }) =>
        new ApplyError(`"${name}" went back to what it ran: ${error ?? "no reason is known"}`, { hint }),
    ),
    ...of("failed").map(
      ({ name, error, hint }) =>
        new RollbackError(`"${name}" is not as it was: ${error ?? "no reason is known"}`, { hint }),
    ),
  ];
}

// --- internal ---

function skippedTogether(skipped: readonly ChangeReport[]): FloeError[] {
  const byReason = new Map<string, ChangeReport[]>();
  for (const change of skipped) byReason.set(change.error ?? "", [...(byReason.get(change.error ?? "") ?? []), change]);
  return [...byReason].map(([error, group]) => {
    const names = listed(group.map(({ name }) => `"${name}"`));
    return new ApplyError(`${names} ${group.length === 1 ? "was" : "were"} not changed: ${error}`, {
      hint: group[0]?.hint,
    });
  });
}

function cells({ name, outcome, ms }: ChangeReport, colors: Colors): string[] {
  const sign = outcome === "done" ? colors.green("✓") : outcome === "skipped" ? colors.dim("·") : colors.red("✗");
  return [
    `  ${sign} ${colors.bold(name)}`,
    outcome === undefined ? outcomeWords.skipped : outcomeWords[outcome],
    outcome === "skipped" ? "" : colors.dim(duration(ms)),
  ];
}
