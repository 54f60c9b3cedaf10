import type { JournalSummary, ListedGeneration } from "../../pipeline.ts";
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
    ...run.changes.filter(({ outcome }) => outcome !== "done").map((change) => `    ${describe(run, change, colors)}`),
  ]);
  return `${lines.join("\n")}\n`;
}

/** One line a generation, below the runs; nothing where there are none. */
export function renderGenerations(generations: readonly ListedGeneration[], { colors, now }: HistoryOptions): string {
  if (generations.length === 0) return "";
  const lines = alignColumns(
    generations.map(({ number, system, since, isCurrent }) => [
      `  ${isCurrent ? "*" : " "} ${number}`,
      since.replace("T", " ").slice(0, 16),
      colors.dim(age(now - Date.parse(since))),
      system.replace(/^\/nix\/store\/([0-9a-z]{8})[0-9a-z]*-/, "$1…-"),
    ]),
  );
  return `\n${colors.bold("Generations")}\n${lines.join("\n")}\n`;
}

function ending(run: JournalSummary, colors: Colors): string {
  if (run.endedAt === undefined) return colors.yellow("interrupted");
  const time = colors.dim(` in ${duration(Date.parse(run.endedAt) - Date.parse(run.startedAt))}`);
  return `${run.exitCode === 0 ? colors.green("done") : colors.red(`exit ${run.exitCode}`)}${time}`;
}

/** What only starts and stops has nothing to undo. */
const withoutUndo: ReadonlySet<string> = new Set(["start", "stop", "restart"]);

function describe(
  { verb }: JournalSummary,
  { subject, outcome, error }: JournalSummary["changes"][number],
  colors: Colors,
): string {
  const words = outcome === "failed" && withoutUndo.has(verb) ? "failed" : outcomeWords[outcome];
  return `${colors.red("✗")} ${shortSubject(subject)} ${words}${error === undefined ? "" : `: ${error.replaceAll("\n", "\n      ")}`}`;
}
