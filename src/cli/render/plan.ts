/** How a plan looks: what changes, how, and why; then what is wrong, and one line that sums up. */
import type { Change, ChangeAction, Plan } from "../../model/plan.ts";
import { mannerOf } from "./change-words.ts";
import { type ErrorOptions, renderProblem } from "./error.ts";
import { renderOrder } from "./order.ts";
import { driftOf, reasonsOf } from "./reasons.ts";
import type { Colors } from "./style.ts";
import { alignColumns } from "./table.ts";
import { counted, listed } from "./words.ts";

export interface PlanOptions extends ErrorOptions {
  /** Columns of the terminal; values are cut to fit. Default 120. */
  readonly width?: number;
  /** The plan of a rollback: what takes an instance's place is its predecessor. */
  readonly isRollback?: boolean;
}

export function renderPlan(plan: Plan, options: PlanOptions): string {
  const { colors } = options;
  const sections = [
    ...renderChanges(plan, options),
    renderOrder(plan, options.colors),
    renderOrphans(plan, options),
    renderDrift(plan, options),
    renderProblems(plan, options),
  ];
  const body = sections.filter((section) => section.length > 0).flatMap((section) => [...section, ""]);
  return `${[...body, colors.bold(summarise(plan))].join("\n")}\n`;
}

/** `2 to create, 1 to replace, 4 unchanged`, or that there is nothing to do. */
export function summarise(plan: Plan): string {
  const count = (action: ChangeAction): number => plan.changes.filter((change) => change.action === action).length;
  const parts = (["create", "update", "replace", "delete"] as const).map(
    (action) => [count(action), `to ${action}`] as const,
  );
  const busy = parts.filter(([number]) => number > 0).map(([number, words]) => `${number} ${words}`);
  const problems =
    plan.problems.length === 0
      ? []
      : [`${plan.problems.length} ${plan.problems.length === 1 ? "problem" : "problems"}`];
  const drift = plan.changes.flatMap(driftOf).length;
  if (busy.length === 0 && problems.length === 0)
    return drift === 0
      ? "Nothing to do: everything is as described"
      : `Nothing to do: everything is as described, or as somebody set it by hand`;
  if (busy.length === 0) return `Nothing to do for the rest, ${problems.join("")}`;
  const unchanged = count("none") === 0 ? [] : [`${count("none")} unchanged`];
  return [...busy, ...unchanged, ...problems].join(", ");
}

// --- internal ---

const symbols: Readonly<Record<ChangeAction, string>> = {
  create: "+",
  update: "~",
  replace: "±",
  delete: "-",
  none: "=",
};

/** An instance with nothing to do that is not as described: somebody changed it by hand. */
const driftSymbol = "≠";

function paint(action: ChangeAction, text: string, colors: Colors): string {
  const painters = {
    create: colors.green,
    update: colors.yellow,
    replace: colors.magenta,
    delete: colors.red,
    none: colors.dim,
  };
  return painters[action](text);
}

/** One section a server; a heading only when there is more than one place. */
function renderChanges(plan: Plan, options: PlanOptions): string[][] {
  const shown = plan.changes.filter(
    (change) => options.verbose || change.action !== "none" || driftOf(change).length > 0,
  );
  const heads = alignColumns(shown.map((change) => headCells(change, options)));
  const places = [...new Set(plan.changes.map(placeOf))];
  return places.map((place) => {
    const lines = shown.flatMap((change, index) =>
      placeOf(change) === place ? [`  ${heads[index]}`, ...reasonsOf(change, options)] : [],
    );
    return lines.length === 0 || places.length === 1 ? lines : [options.colors.bold(place), ...lines];
  });
}

function placeOf(change: Change): string {
  return change.project === "default" ? change.server : `${change.server}/${change.project}`;
}

function headCells(change: Change, options: PlanOptions): string[] {
  const { colors } = options;
  const name = change.kind === "image" ? change.container : change.name;
  const isDrift = change.action === "none" && driftOf(change).length > 0;
  return [
    isDrift
      ? colors.cyan(`${driftSymbol} drift`)
      : paint(change.action, `${symbols[change.action]} ${change.action}`, colors),
    change.kind,
    colors.bold(name),
    colors.dim(mannerOf(change, options)),
  ];
}

function renderOrphans(plan: Plan, options: PlanOptions): string[] {
  const { colors } = options;
  const { orphanProfiles = [] } = plan;
  const instances = plan.prune ? [] : plan.orphans.map((orphan) => colors.bold(orphan.name));
  const unused = plan.prune ? [] : orphanProfiles.filter(({ usedBy }) => usedBy.length === 0);
  const used = orphanProfiles.filter(({ usedBy }) => usedBy.length > 0);
  const left = (what: string, names: readonly string[]): string[] =>
    names.length === 0
      ? []
      : [
          `  ${what}, left as ${names.length === 1 ? "it is" : "they are"}: ${listed(names)} ${colors.dim("(apply --prune deletes)")}`,
        ];
  return [
    ...left("No longer described", instances),
    ...left(
      "Profiles that no instance names any more",
      unused.map(({ name }) => colors.bold(name)),
    ),
    ...used.map(
      ({ name, usedBy }) =>
        `  The profile ${colors.bold(name)} is named by no instance any more, but still used by ${listed(usedBy)}`,
    ),
  ];
}

function renderDrift(plan: Plan, { colors }: PlanOptions): string[] {
  const count = plan.changes.flatMap(driftOf).length;
  if (count === 0) return [];
  const what = `${counted(count, "setting")} changed by hand ${count === 1 ? "is" : "are"} kept`;
  return [`  ${colors.cyan(driftSymbol)} ${what} ${colors.dim("(--fix-drift puts back what is described)")}`];
}

function renderProblems(plan: Plan, options: PlanOptions): string[] {
  const lines = plan.problems.flatMap((problem) => renderProblem(problem, options));
  return lines.length === 0 ? [] : [options.colors.red("Cannot be planned"), ...lines];
}
