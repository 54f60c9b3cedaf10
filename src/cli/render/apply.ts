/** What came of an apply: a line for each instance with where it is reached, what failed and why, and one line that sums up. */
import { ApplyError, type FloeError, RollbackError } from "../../errors.ts";
import type { ChangeAction } from "../../model/plan.ts";
import type { ApplyReport, ChangeReport } from "../../report/reduce.ts";
import { outcomeWords } from "./event-words.ts";
import type { Colors } from "./style.ts";
import { alignColumns } from "./table.ts";
import { duration, listed } from "./words.ts";

/** An instance the apply was about, changed or not, with where its services are reached. */
export interface AppliedInstance {
  readonly address: string;
  readonly name: string;
  readonly services: readonly string[];
}

export interface ReportOptions {
  readonly colors: Colors;
  readonly verbose: boolean;
}

export function renderReport(
  report: ApplyReport,
  instances: readonly AppliedInstance[],
  { colors, verbose }: ReportOptions,
): string {
  const changed = report.changes.filter((change) => change.kind === "instance" || verbose || change.outcome !== "done");
  const services = new Map(instances.map((instance) => [instance.address, instance.services]));
  const untouched = instances.filter(({ address }) => report.changes.every((change) => change.address !== address));
  const rows = [
    ...changed.map((change) => [
      ...changeCells(change, colors),
      isUp(change) ? (services.get(change.address) ?? []).map(colors.cyan).join("  ") : "",
    ]),
    ...untouched.map(({ name, services: urls }) => [
      `  ${colors.dim("=")} ${name}`,
      colors.dim("unchanged"),
      "",
      urls.map(colors.cyan).join("  "),
    ]),
  ];
  return `${[...alignColumns(rows), ...(rows.length > 0 ? [""] : []), colors.bold(verdict(report))].join("\n")}\n`;
}

/** `3 done, 1 undone, 4 unchanged in 5.2 s` */
export function verdict({ counts, unchanged, ms }: ApplyReport): string {
  const parts = [
    ...(counts.done > 0 ? [`${counts.done} done`] : []),
    ...(counts.undone > 0 ? [`${counts.undone} failed and undone`] : []),
    ...(counts.failed > 0 ? [`${counts.failed} failed for good`] : []),
    ...(counts.skipped > 0 ? [`${counts.skipped} not begun`] : []),
    ...(unchanged > 0 ? [`${unchanged} unchanged`] : []),
  ];
  return `${parts.join(", ")} in ${duration(ms)}`;
}

/** The errors behind a report that did not go well, most important last; none for one that did. */
export function failures(report: ApplyReport): FloeError[] {
  const named = (change: ChangeReport): string => `${change.kind} ${change.name}`;
  const of = (outcome: ChangeReport["outcome"]): ChangeReport[] =>
    report.changes.filter((change) => change.outcome === outcome);
  const undone = of("undone").map(
    (change) =>
      new ApplyError(`Cannot ${verbOf(change.action)} ${named(change)}: ${change.error ?? "no reason is known"}`, {
        hint: change.hint,
      }),
  );
  const failed = of("failed").map(
    (change) =>
      new RollbackError(`Cannot undo the change of ${named(change)}: ${change.error ?? "no reason is known"}`, {
        hint: change.hint,
      }),
  );
  const skipped = of("skipped");
  const rest =
    undone.length + failed.length > 0 || skipped.length === 0
      ? []
      : [new ApplyError(`Not begun: ${listed(skipped.map(named))}: ${skipped[0]?.error ?? ""}`)];
  return [...undone, ...failed, ...rest];
}

// --- internal ---

const doneWords: Readonly<Record<ChangeAction, string>> = {
  create: "created",
  update: "updated",
  replace: "replaced",
  delete: "deleted",
  none: "unchanged",
};

function changeCells(change: ChangeReport, colors: Colors): string[] {
  const isDone = change.outcome === "done";
  const sign = isDone ? colors.green("✓") : change.outcome === "skipped" ? colors.dim("·") : colors.red("✗");
  const kind = change.kind === "instance" ? "" : colors.dim(` ${change.kind}`);
  const text = isDone
    ? doneWords[change.action]
    : change.outcome === undefined
      ? "not begun"
      : outcomeWords[change.outcome];
  return [
    `  ${sign} ${colors.bold(change.name)}${kind}`,
    text,
    change.outcome === "skipped" ? "" : colors.dim(duration(change.ms)),
  ];
}

/** Done, or undone so that what ran before runs again. */
function isUp({ outcome, action }: ChangeReport): boolean {
  return (outcome === "done" && action !== "delete") || (outcome === "undone" && action !== "create");
}

function verbOf(action: ChangeAction): string {
  return action === "none" ? "change" : action;
}
