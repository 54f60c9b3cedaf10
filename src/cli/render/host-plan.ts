/** How a plan for hosts looks: what changes on each machine and why; then the order, what is wrong, and one line that sums up. */
import type { ActivationAction, HostChange, HostPlan, PackageChange, UnitChanges } from "../../model/host-plan.ts";
import { type ErrorOptions, renderProblem } from "./error.ts";
import { countPackages, renderPackages } from "./package-changes.ts";
import { alignColumns, padTo } from "./table.ts";
import { bytes, counted, shortStorePath } from "./words.ts";
import { hang } from "./wrap.ts";

export interface HostPlanOptions extends ErrorOptions {
  /** Columns of the terminal. Default 80. */
  readonly width?: number;
}

export function renderHostPlan(plan: HostPlan, options: HostPlanOptions): string {
  const shown = plan.changes.filter((change) => options.verbose || change.action !== "none" || isWorthALine(change));
  const heads = alignColumns(shown.map((change) => headCells(change, options)));
  const sections = [
    ...shown.map((change, index) => [`  ${heads[index]}`, ...renderHost(change, options)]),
    renderWaves(plan, options),
    renderProblems(plan, options),
  ];
  const body = spaced(sections.filter((section) => section.length > 0));
  return `${[...body, options.colors.bold(summariseHosts(plan))].join("\n")}\n`;
}

/** `2 hosts to switch, 18 unchanged`, or that there is nothing to do. */
export function summariseHosts({ changes, problems, action }: HostPlan): string {
  const busy = changes.filter((change) => change.action !== "none").length;
  const trouble = problems.length === 0 ? [] : [counted(problems.length, "problem")];
  if (busy === 0)
    return trouble.length === 0
      ? `Nothing to do: ${changes.length === 1 ? "the host is" : "all hosts are"} as described`
      : `Nothing to do for the rest, ${trouble.join("")}`;
  const same = changes.length === busy ? [] : [`${changes.length - busy} unchanged`];
  const reboots = changes.filter((change) => change.isRebootOnly).length;
  const moves = [
    ...(busy > reboots ? [`${counted(busy - reboots, "host")} ${goals[action]}`] : []),
    ...(reboots > 0 ? [`${busy > reboots ? reboots : counted(reboots, "host")} to reboot`] : []),
  ];
  return [...moves, ...same, ...trouble].join(", ");
}

// --- internal ---

const goals: Readonly<Record<ActivationAction, string>> = {
  switch: "to switch",
  boot: "to make ready for the next boot",
  test: "to test",
  "dry-activate": "that would change",
};

/** Below a host's head. */
const indent = 6;
/** Of the words in front of its lines. */
const labelWidth = 10;

/** One with nothing to do that waits for a reboot, or is not well. */
function isWorthALine({ reboot, failedUnits, notes }: HostChange): boolean {
  return reboot.length > 0 || failedUnits.length > 0 || notes.length > 0;
}

function headCells(change: HostChange, { colors }: HostPlanOptions): string[] {
  const { action, isRebootOnly } = change;
  const word = action === "none" ? colors.dim("= none") : colors.yellow(isRebootOnly ? "↻ reboot" : "~ update");
  return [word, "host", colors.bold(change.name), colors.dim(change.where)];
}

function renderHost(change: HostChange, options: HostPlanOptions): string[] {
  const { colors } = options;
  const isBusy = change.action !== "none" && !change.isRebootOnly;
  const line = (label: string, text: string | readonly string[], paint = colors.dim): string[] =>
    labelled(paint(label), typeof text === "string" ? text.split(" ") : text, options);
  return [
    ...(isBusy ? line("system", systemWords(change)) : []),
    ...(isBusy ? line("because", causeWords(change)) : []),
    ...packageLines(change, options),
    ...(change.closure === undefined ? [] : line("size", sizeWords(change.closure))),
    ...unitLines(change, options),
    ...(change.reboot.length === 0 ? [] : line("reboot", separated(change.reboot), colors.magenta)),
    ...(change.failedUnits.length === 0
      ? []
      : line("failed", ["already", "before", "this:", ...separated(change.failedUnits)], colors.red)),
    ...change.notes.flatMap((note) => line("note", note, colors.cyan)),
  ];
}

function systemWords({ current, system }: HostChange): string[] {
  const next = shortSystem(system);
  if (current === undefined || current === system) return [next];
  const [label = "", hash = ""] = next.split(" ");
  const before = shortSystem(current);
  return [before, "→", before.startsWith(`${label} `) ? hash : next];
}

/** `/nix/store/HASH-nixos-system-crown-26.05.1234` → `26.05.1234 (first 7 of HASH)`. */
function shortSystem(path: string): string {
  return shortStorePath(path).replace(/^nixos-system-.*?-(?=\d)/, "");
}

function causeWords({ causes }: HostChange): string[] {
  if (causes === undefined) return [];
  return causes.length === 0 ? "the description changed, and no input".split(" ") : separated(causes);
}

function sizeWords({ before, after, copy }: NonNullable<HostChange["closure"]>): string {
  const change = before === 0 || before === after ? "" : ` (${signed(after - before)})`;
  return `${bytes(after)}${change}, ${copy === 0 ? "nothing to copy" : `${bytes(copy)} to copy`}`;
}

function packageLines(change: HostChange, options: HostPlanOptions): string[] {
  const { packages, packagesFrom, closure, action, isRebootOnly } = change;
  if (action === "none" || isRebootOnly) return [];
  const { colors } = options;
  if (packages === undefined)
    return closure === undefined ? labelled(colors.dim("packages"), ["told", "after", "the", "build"], options) : [];
  const heads = labelled(colors.dim("packages"), countWords(packages, packagesFrom), options);
  return [...heads, ...renderPackages(packages, { ...options, indent: indent + 2 })];
}

/** `41 up, 2 down, 3 new, 1 gone, 240 rebuilt, 12 files`. */
function countWords(packages: readonly PackageChange[], from: HostChange["packagesFrom"]): string[] {
  const parts = countPackages(packages);
  const suffix = from === "derivations" ? " (of those declared; the rest is told after the build)" : "";
  return `${parts.length === 0 ? "the same" : parts.join(", ")}${suffix}`.split(" ");
}

function unitLines({ units, unitsFrom, action }: HostChange, options: HostPlanOptions): string[] {
  const { colors } = options;
  if (action === "none" || units === undefined) return [];
  const rows = unitRows(units);
  const who = unitsFrom === "comparison" ? colors.dim(" (foreseen; the machine has the last word)") : "";
  if (rows.length === 0) return labelled(colors.dim("units"), [`none is touched${who}`], options);
  const lines = rows.flatMap(([verb, names], index) => {
    const label = `${colors.dim(padTo(index === 0 ? "units" : "", labelWidth))}${padTo(verb, verbWidth)}`;
    return hang(" ".repeat(indent) + label, separated(names), {
      width: widthOf(options),
      indent: indent + labelWidth + verbWidth,
    });
  });
  return who === "" ? lines : [...lines, `${" ".repeat(indent + labelWidth)}${who.trim()}`];
}

const verbWidth = 9;

function unitRows({
  stop,
  restart,
  reload,
  start,
  notRestarted,
}: UnitChanges): (readonly [string, readonly string[]])[] {
  const rows = [
    ["stop", stop],
    ["restart", restart],
    ["reload", reload],
    ["start", start],
    ["leave", notRestarted],
  ] as const;
  return rows.filter(([, names]) => names.length > 0);
}

function labelled(label: string, words: readonly string[], options: HostPlanOptions): string[] {
  if (words.length === 0) return [];
  const head = " ".repeat(indent) + padTo(label, labelWidth);
  return hang(head, words, { width: widthOf(options), indent: indent + labelWidth });
}

function separated(items: readonly string[]): string[] {
  return items.map((item, index) => (index < items.length - 1 ? `${item},` : item));
}

function signed(count: number): string {
  return `${count < 0 ? "-" : "+"}${bytes(Math.abs(count))}`;
}

function widthOf({ width = 80 }: HostPlanOptions): number {
  return Math.max(40, width);
}

/** A line for each wave; nothing where all may change at once. */
function renderWaves({ waves }: HostPlan, options: HostPlanOptions): string[] {
  if (waves.length < 2) return [];
  const lines = waves.flatMap((wave, index) =>
    hang(`  ${options.colors.dim(padTo(`${index + 1}`, 4))}`, separated(wave), { width: widthOf(options), indent: 6 }),
  );
  return [options.colors.bold("Order"), ...lines];
}

function renderProblems(plan: HostPlan, options: HostPlanOptions): string[] {
  const lines = plan.problems.flatMap((problem) => renderProblem(problem, options));
  return lines.length === 0 ? [] : [options.colors.red("Stands in the way"), ...lines];
}

/** An empty line behind each section; single lines stay together. */
function spaced(sections: readonly (readonly string[])[]): string[] {
  return sections.flatMap((section, index) => {
    const next = sections[index + 1];
    return section.length === 1 && next?.length === 1 ? section : [...section, ""];
  });
}
