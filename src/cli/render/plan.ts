/** How a plan looks: what changes, how, and why; then what is wrong, and one line that sums up. */
import type {
  Change,
  ChangeAction,
  ChangeMethod,
  Difference,
  ImageChange,
  InstanceChange,
  Plan,
} from "../../model/plan.ts";
import { type ErrorOptions, renderProblem } from "./error.ts";
import type { Colors } from "./style.ts";
import { alignColumns, truncate } from "./table.ts";
import { listed, shortStorePath } from "./words.ts";

export interface PlanOptions extends ErrorOptions {
  /** Columns of the terminal; values are cut to fit. Default 120. */
  readonly width?: number;
}

export function renderPlan(plan: Plan, options: PlanOptions): string {
  const { colors } = options;
  const sections = [...renderChanges(plan, options), renderOrphans(plan, options), renderProblems(plan, options)];
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
  if (busy.length === 0 && problems.length === 0) return "Nothing to do: everything is as described";
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

/** What each way of changing means for whoever uses the instance. */
const methods: Readonly<Record<ChangeMethod, string>> = {
  create: "",
  swap: "swapped for its successor: down for a moment",
  live: "live: no downtime",
  restart: "restarted: down while it starts",
  start: "started: it is stopped now",
  recover: "an interrupted apply is finished or undone first",
  relabel: "labels only: no downtime",
  delete: "stopped and deleted; its volumes stay",
};

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
  const shown = plan.changes.filter((change) => options.verbose || change.action !== "none");
  const heads = alignColumns(shown.map((change) => headCells(change, options.colors)));
  const places = [...new Set(plan.changes.map(placeOf))];
  return places.map((place) => {
    const lines = shown.flatMap((change, index) =>
      placeOf(change) === place ? [`  ${heads[index]}`, ...reasons(change, options)] : [],
    );
    return lines.length === 0 || places.length === 1 ? lines : [options.colors.bold(place), ...lines];
  });
}

function placeOf(change: Change): string {
  return change.project === "default" ? change.server : `${change.server}/${change.project}`;
}

function headCells(change: Change, colors: Colors): string[] {
  const name = change.kind === "image" ? change.container : change.name;
  const action = change.action === "none" ? "none" : change.action;
  return [
    paint(change.action, `${symbols[change.action]} ${action}`, colors),
    change.kind,
    colors.bold(name),
    colors.dim(manner(change)),
  ];
}

function manner(change: Change): string {
  switch (change.kind) {
    case "image":
      return change.action === "none"
        ? ""
        : change.fingerprint === undefined
          ? "built, then imported"
          : "imported already, now marked";
    case "volume":
      return `in pool ${change.pool}`;
    case "instance":
      return change.method === null || change.action === "none" ? "" : instanceManner(change.method, change.then);
  }
}

function instanceManner(method: ChangeMethod, then: ChangeMethod | undefined): string {
  return then === undefined || methods[then] === "" ? methods[method] : `${methods[method]}, then ${methods[then]}`;
}

function reasons(change: Change, options: PlanOptions): string[] {
  const texts =
    change.kind === "instance"
      ? instanceReasons(change, options)
      : change.kind === "image"
        ? imageReasons(change, options)
        : [];
  return texts.map((text) => `      ${text}`);
}

function imageReasons(change: ImageChange, options: PlanOptions): string[] {
  if (change.action === "none" || change.previousRootfs === undefined) return [];
  const show = (path: string): string => (options.verbose ? path : shortStorePath(path));
  return [`root file system: ${options.colors.dim(show(change.previousRootfs))} → ${show(change.rootfs)}`];
}

/** A new instance needs no reasons; everything about it is new. */
function instanceReasons(change: InstanceChange, options: PlanOptions): string[] {
  const differences = change.action === "create" && !options.verbose ? [] : change.differences;
  return [
    ...differences.map((difference) => reason(difference, options)),
    ...change.notes.map((note) => `${options.colors.yellow("!")} ${note}`),
  ];
}

function reason({ key, before, after, note }: Difference, options: PlanOptions): string {
  const { colors } = options;
  const room = Math.max(16, Math.floor(((options.width ?? 120) - key.length - 12) / 2));
  const show = (value: string): string =>
    value
      .split("\n")
      .map((line) => (options.verbose ? line : truncate(shortStorePath(line), room)))
      .slice(0, options.verbose ? undefined : 1)
      .join("\n        ");
  if (note !== undefined && (key === "image" || before === undefined || after === undefined)) return `${key}: ${note}`;
  const change =
    before !== undefined && after !== undefined
      ? `${colors.dim(show(before))} → ${show(after)}`
      : after !== undefined
        ? `${colors.green("added")} ${show(after)}`
        : before !== undefined
          ? `${colors.red("removed")} ${colors.dim(show(before))}`
          : "";
  return [`${key}:`, change, note === undefined ? "" : colors.dim(`(${note})`)].filter((part) => part !== "").join(" ");
}

function renderOrphans(plan: Plan, options: PlanOptions): string[] {
  if (plan.orphans.length === 0 || plan.prune) return [];
  const names = plan.orphans.map((orphan) => options.colors.bold(orphan.name));
  return [
    `  No longer described, left as ${names.length === 1 ? "it is" : "they are"}: ${listed(names)} ${options.colors.dim("(apply --prune deletes)")}`,
  ];
}

function renderProblems(plan: Plan, options: PlanOptions): string[] {
  const lines = plan.problems.flatMap((problem) => renderProblem(problem, options));
  return lines.length === 0 ? [] : [options.colors.red("Cannot be planned"), ...lines];
}
