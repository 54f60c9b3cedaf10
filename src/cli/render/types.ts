/** What `floe types` prints: a line for each machine that was read, then what there is now. */
import type { GeneratedTypes, ReadMachine } from "../../pipeline.ts";
import type { TextOptions } from "../output.ts";
import type { Colors } from "./style.ts";
import { alignColumns } from "./table.ts";
import { counted, listed } from "./words.ts";

/** Parts that could not be read, shown without `--verbose`. */
const shownFirst = 5;

type Options = Pick<TextOptions, "colors" | "verbose">;

export function renderTypes(result: GeneratedTypes, { colors, verbose }: Options): string {
  const { machines, optionCount, packageCount, files, ms } = result;
  const folder = files[0]?.replace(/\/[^/]+$/, "") ?? "";
  const holes = machines.flatMap((machine) => holeLines(machine, colors, verbose));
  return `${[
    ...alignColumns(machines.map((machine) => machineRow(machine, colors))),
    ...(holes.length === 0 ? [] : ["", ...holes]),
    "",
    `${colors.bold(`${counted(optionCount, "option")} and ${counted(packageCount, "package")}`)} in ${colors.cyan(folder)} ${colors.dim(`(${seconds(ms)})`)}`,
  ].join("\n")}\n`;
}

// --- internal ---

function machineRow({ kind, name, like, optionCount, holes, error, ms }: ReadMachine, colors: Colors): string[] {
  const sign = error !== undefined ? colors.red("✗") : holes.length > 0 ? colors.yellow("!") : colors.green("✓");
  const others = like.length === 0 ? "" : ` ${colors.dim(`and ${listed(like)}, which import the same`)}`;
  if (error !== undefined) return [`${sign} ${kind} ${name}`, error.split("\n")[0] ?? "", ""];
  const untyped = holes.length === 0 ? "" : `, ${counted(holes.length, "part")} untyped`;
  return [`${sign} ${kind} ${name}${others}`, `${counted(optionCount, "option")}${untyped}`, colors.dim(seconds(ms))];
}

function holeLines({ name, holes }: ReadMachine, colors: Colors, isVerbose: boolean): string[] {
  const shown = isVerbose ? holes : holes.slice(0, shownFirst);
  const rest = holes.length - shown.length;
  return [
    ...shown.map(
      ({ path, message }) =>
        `  ${colors.yellow("!")} ${path.join(".")} on ${name} is untyped: ${message.split("\n")[0] ?? ""}`,
    ),
    ...(rest === 0 ? [] : [`    ${colors.dim(`${rest} more; --verbose shows them`)}`]),
  ];
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
