/** How a plan for homes looks: what changes for each user, as for hosts. */
import type { HomeChange, HomePlan } from "../../pipeline.ts";
import { type ErrorOptions, renderProblem } from "./error.ts";
import { countPackages, renderPackages } from "./package-changes.ts";
import { alignColumns } from "./table.ts";
import { bytes, counted, shortStorePath } from "./words.ts";
import { hang } from "./wrap.ts";

export interface HomePlanOptions extends ErrorOptions {
  /** Columns of the terminal. Default 80. */
  readonly width?: number;
}

export function renderHomePlan(plan: HomePlan, options: HomePlanOptions): string {
  const { colors, verbose } = options;
  const shown = plan.changes.filter(({ action }) => verbose || action !== "none");
  const heads = alignColumns(
    shown.map(({ action, name, where }) => [
      action === "none" ? colors.dim("= none") : colors.yellow("~ update"),
      "home",
      colors.bold(name),
      colors.dim(where),
    ]),
  );
  const problems = plan.problems.flatMap((problem) => renderProblem(problem, options));
  const lines = [
    ...shown.flatMap((change, index) => [`  ${heads[index]}`, ...renderHome(change, options), ""]),
    ...(problems.length === 0 ? [] : [colors.red("Stands in the way"), ...problems, ""]),
    colors.bold(summariseHomes(plan)),
  ];
  return `${lines.join("\n")}\n`;
}

/** `2 homes to switch, 1 unchanged`. */
export function summariseHomes({ changes, problems }: HomePlan): string {
  const busy = changes.filter(({ action }) => action !== "none").length;
  const same = changes.length - busy;
  const parts = [
    ...(busy === 0 ? [] : [`${counted(busy, "home")} to switch`]),
    ...(same === 0 ? [] : [busy === 0 ? `${counted(same, "home")} as described` : `${same} unchanged`]),
    ...(problems.length === 0 ? [] : [counted(problems.length, "problem")]),
  ];
  return parts.join(", ") || "No homes";
}

// --- internal ---

const indent = 6;
const labelWidth = 10;

function renderHome(change: HomeChange, options: HomePlanOptions): string[] {
  if (change.action === "none") return [];
  const { colors, width = 80 } = options;
  const line = (label: string, text: string): string[] =>
    hang(`${" ".repeat(indent)}${colors.dim(label.padEnd(labelWidth))}`, text.split(" "), {
      width: Math.max(40, width),
      indent: indent + labelWidth,
    });
  const { current, generation, number, packages, closure } = change;
  const next = shortStorePath(generation);
  const size = closure && closure.before !== closure.after && closure.before > 0 ? closure.after - closure.before : 0;
  return [
    ...line("from", current === undefined ? "nothing" : `${shortStorePath(current)}, generation ${number}`),
    ...line("to", next),
    ...(packages === undefined
      ? []
      : [
          ...line("packages", countPackages(packages).join(", ") || "the same"),
          ...renderPackages(packages, { ...options, indent: indent + 2 }),
        ]),
    ...(closure === undefined
      ? []
      : line(
          "size",
          `${bytes(closure.after)}${size === 0 ? "" : ` (${size < 0 ? "-" : "+"}${bytes(Math.abs(size))})`}`,
        )),
    ...change.notes.flatMap((note) => line("note", note)),
  ];
}
