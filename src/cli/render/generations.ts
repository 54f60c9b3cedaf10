/** The generations of a host or a home: what each was, and what changed with it. */
import type { DescribedGeneration, MachineHistory } from "../../pipeline.ts";
import { countPackages, renderPackages } from "./package-changes.ts";
import type { Colors } from "./style.ts";
import { alignColumns } from "./table.ts";
import { age, bytes } from "./words.ts";
import { hang } from "./wrap.ts";

export interface GenerationsOptions {
  readonly colors: Colors;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Columns. */
  readonly width: number;
  /** Every package, not only the important ones. */
  readonly packages: boolean;
}

/** A head line for each generation, and below it what changed since the one before. */
export function renderMachineGenerations({ where, generations }: MachineHistory, options: GenerationsOptions): string {
  const { colors } = options;
  const title = `${colors.bold("Generations")}  ${colors.dim(`on ${where}`)}`;
  if (generations.length === 0) return `${title}\n  There is none\n`;
  const heads = alignColumns(generations.map((one) => headCells(one, options)));
  const lines = generations.flatMap((one, index) => [heads[index] ?? "", ...packageLines(one, options)]);
  return `${[title, ...lines].join("\n")}\n`;
}

// --- internal ---

const indent = 6;

function headCells(one: DescribedGeneration, { colors, now }: GenerationsOptions): string[] {
  const { number, since, version = "", revision, kernel, by, isCurrent, isBooted, isNext, isFailed } = one;
  const marks = [
    ...(isCurrent ? [colors.green("current")] : []),
    ...(isBooted ? ["booted"] : []),
    ...(isFailed === true ? [colors.red("failed")] : []),
    ...(isNext && !isCurrent ? [colors.yellow("boots next")] : []),
  ];
  return [
    `  ${isCurrent ? "*" : " "} ${number}`,
    since.replace("T", " ").slice(0, 16),
    colors.dim(age(now - Date.parse(since))),
    version,
    revision === undefined ? "" : shortRevision(revision),
    kernel === undefined ? "" : `linux ${kernel}`,
    by === undefined ? "" : colors.dim(`by ${by}`),
    marks.join(", "),
  ];
}

/** As git shortens it; what is not a commit stays as it is. */
function shortRevision(revision: string): string {
  return revision.replace(/^([0-9a-f]{8})[0-9a-f]{4,32}(-dirty)?$/, "$1$2");
}

function packageLines(one: DescribedGeneration, options: GenerationsOptions): string[] {
  const { colors, width } = options;
  const { packages, sameAs } = one;
  const hanging = (words: string): string[] =>
    hang(" ".repeat(indent), words.split(" "), { width: Math.max(40, width), indent: indent + 2 });
  if (sameAs !== undefined) return hanging(`the same as ${sameAs}`).map((line) => colors.dim(line));
  if (packages === undefined) return [];
  const { changes, sizeDelta } = packages;
  const counts = countPackages(changes);
  const size = sizeDelta === 0 ? "" : `, ${sizeDelta < 0 ? "-" : "+"}${bytes(Math.abs(sizeDelta))}`;
  const head = hanging(counts.length === 0 ? "the same packages" : `${counts.join(", ")}${size}`).map((line) =>
    colors.dim(line),
  );
  const shown = options.packages ? changes : changes.filter((change) => change.important && change.kind !== "changed");
  return [...head, ...renderPackages(shown, { colors, width, verbose: options.packages, indent: indent + 2 })];
}
