import type { JournalSummary } from "../../pipeline.ts";
import { outcomeWords, shortSubject } from "./event-words.ts";
import type { Colors } from "./style.ts";
import { alignColumns } from "./table.ts";
import { age, duration, listed } from "./words.ts";

export interface HistoryOptions {
  readonly colors: Colors;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** One line a run, and one for each change that did not go as planned. */
export function renderHistory(runs: readonly JournalSummary[], { colors, now }: HistoryOptions): string {
  if (runs.length === 0) return "Nothing was applied yet\n";
  const heads = alignColumns(
    runs.map((run) => [
      run.startedAt.replace("T", " ").slice(0, 16),
      colors.dim(age(now - Date.parse(run.startedAt))),
      colors.bold(run.verb),
      ending(run, colors),
      listed(run.changes.filter(({ outcome }) => outcome === "done").map(({ subject }) => shortSubject(subject))),
    ]),
  );
  const lines = runs.flatMap((run, index) => [
    heads[index] ?? "",
    ...run.changes.filter(({ outcome }) => outcome !== "done").map((change) => `    ${describe(change, colors)}`),
  ]);
  return `${lines.join("\n")}\n`;
}

function ending(run: JournalSummary, colors: Colors): string {
  if (run.endedAt === undefined) return colors.yellow("interrupted");
  const time = colors.dim(` in ${duration(Date.parse(run.endedAt) - Date.parse(run.startedAt))}`);
  return `${run.exitCode === 0 ? colors.green("done") : colors.red(`exit ${run.exitCode}`)}${time}`;
}

function describe({ subject, outcome, error }: JournalSummary["changes"][number], colors: Colors): string {
  return `${colors.red("✗")} ${shortSubject(subject)} ${outcomeWords[outcome]}${error === undefined ? "" : `: ${error}`}`;
}
