/** What a clean-up lets go of and why it keeps the rest; and what came of it. */
import { FloeError } from "../../errors.ts";
import {
  droppedOf,
  type GcPlan,
  type GcResult,
  isClean,
  type KeepReason,
  type PlannedGc,
  type SortedProfile,
} from "../../pipeline.ts";
import type { Colors } from "./style.ts";
import { bytes, counted, listed } from "./words.ts";
import { hang } from "./wrap.ts";

export interface GcOptions {
  readonly colors: Colors;
  readonly verbose: boolean;
  /** Columns. */
  readonly width: number;
}

export interface CollectedMachine {
  readonly name: string;
  readonly result?: GcResult;
  readonly error?: FloeError;
}

/** A section for each machine; machines that could not be looked at are told elsewhere. */
export function renderGcPlan(machines: PlannedGc["machines"], options: GcOptions): string {
  const sections = machines.flatMap(({ name, where, plan }) =>
    plan instanceof FloeError
      ? []
      : [[`${options.colors.bold(name)}  ${options.colors.dim(where)}`, ...renderMachine(plan, options)].join("\n")],
  );
  return sections.length === 0 ? "" : `${sections.join("\n\n")}\n`;
}

/** `crown: 8 generations and 412 store paths deleted, 3.2 GB freed`; one line a machine. */
export function renderCollected(machines: readonly CollectedMachine[]): string {
  const lines = machines.flatMap(({ name, result }) => {
    if (result === undefined) return [];
    const { dropped, paths, bytes: size, left, menu, problem } = result;
    const gone = [
      ...(dropped === 0 ? [] : [counted(dropped, "generation")]),
      ...(paths === 0 ? [] : [counted(paths, "store path")]),
    ];
    const rest = [
      ...(menu ? ["the boot menu was written anew"] : []),
      ...(left === 0 ? [] : [`${counted(left, "store path")} stayed, for something needs them by now`]),
      ...(problem === undefined ? [] : [problem]),
    ];
    return [
      `${name}: ${listed(gone) || "nothing"} deleted, ${bytes(size)} freed${rest.map((one) => `; ${one}`).join("")}`,
    ];
  });
  return lines.length === 0 ? "" : `${lines.join("\n")}\n`;
}

// --- internal ---

const keepWords: Readonly<Record<KeepReason, string>> = {
  running: "runs",
  booted: "booted",
  boots: "boots next",
  current: "current",
  newest: "new",
  young: "young",
};

function renderMachine(plan: GcPlan, options: GcOptions): string[] {
  if (isClean(plan) && !options.verbose) return ["  Nothing to delete"];
  const shown = plan.profiles.filter(({ dropped }) => options.verbose || dropped.length > 0);
  return [...shown.flatMap((profile) => renderProfile(profile, options)), ...renderSum(plan, options)];
}

function renderProfile(profile: SortedProfile, options: GcOptions): string[] {
  const { colors, width } = options;
  const line = (label: string, words: readonly string[]): string[] =>
    words.length === 0 ? [] : hang(`    ${label}  `, words, { width: Math.max(40, width), indent: 10 });
  const kept = profile.kept.map(({ number, reasons }) => `${number}${why(reasons)}`).reverse();
  const dropped = [...profile.dropped].reverse();
  return [
    `  ${titleOf(profile)}`,
    ...line(colors.green("keep"), separated(kept)),
    ...line(
      colors.red("drop"),
      separated(options.verbose ? dropped.map(dated) : ranges(dropped.map(({ number }) => number))),
    ),
  ];
}

/** That one is new or young goes without saying. */
function why(reasons: readonly KeepReason[]): string {
  const told = reasons.filter((reason) => reason !== "newest" && reason !== "young").map((reason) => keepWords[reason]);
  return told.length === 0 ? "" : ` (${told.join(", ")})`;
}

function dated({ number, at }: { readonly number: number; readonly at: number }): string {
  return `${number} (${new Date(at).toISOString().slice(0, 10)})`;
}

function titleOf({ kind, profile, owner }: SortedProfile): string {
  if (kind === "system")
    return profile.endsWith("/system") ? "System" : `System, profile "${profile.split("/").at(-1)}"`;
  return kind === "home" ? `Home of ${owner}` : `Profile ${profile} of ${owner}`;
}

/** `31-37, 39`: descending numbers as they stand. */
function ranges(numbers: readonly number[]): string[] {
  const found: { readonly from: number; to: number }[] = [];
  for (const number of numbers) {
    const last = found.at(-1);
    if (last !== undefined && last.to === number + 1) last.to = number;
    else found.push({ from: number, to: number });
  }
  return found.map(({ from, to }) => (from === to ? String(from) : `${to}-${from}`));
}

function separated(items: readonly string[]): string[] {
  return items.map((item, index) => (index < items.length - 1 ? `${item},` : item));
}

function renderSum(plan: GcPlan, { colors }: GcOptions): string[] {
  const { held, garbage } = plan.frees;
  const dropped = droppedOf(plan);
  const parts = [
    ...(dropped === 0
      ? []
      : [`${bytes(held)} that only ${dropped === 1 ? "this generation holds" : "these generations hold"}`]),
    ...(garbage === 0 ? [] : [`${bytes(garbage)} that nothing holds`]),
  ];
  const sum = colors.bold(`Frees ${bytes(held + garbage)}`);
  return [`  ${sum} in ${counted(plan.dead.length, "store path")}${parts.length === 0 ? "" : `: ${listed(parts)}`}`];
}
