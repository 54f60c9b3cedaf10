/** What `floe why` prints: the value, where it comes from, what the option is. */
import type { WhyDefinition, WhyGroup, WhyOption } from "../../options/why.ts";
import type { TextOptions } from "../output.ts";
import { plainText, wrapText } from "./prose.ts";
import type { Colors } from "./style.ts";
import { alignColumns, truncate } from "./table.ts";

type Options = Pick<TextOptions, "colors" | "width" | "verbose">;

/** Lines of a value that are shown without `--verbose`. */
const valueLines = 40;

export function renderWhy(answer: WhyOption | WhyGroup, options: Options): string {
  return `${(answer.what === "group" ? groupLines(answer, options) : optionLines(answer, options)).join("\n")}\n`;
}

// --- internal ---

function groupLines({ option, machine, options: members }: WhyGroup, { colors, width }: Options): string[] {
  const rows = Object.entries(members).map(([name, type]) => [
    `  ${type === null ? colors.bold(name) : name}`,
    type === null ? colors.dim("…") : colors.dim(truncate(type, Math.max(20, width - 50))),
  ]);
  return [`${colors.bold(option)} ${colors.dim(`is a group of options on ${machine}`)}`, ...alignColumns(rows)];
}

function optionLines(answer: WhyOption, { colors, width, verbose }: Options): string[] {
  const { option, machine, error, definitions, type, description, declared } = answer;
  const value = error === undefined ? (answer.valueText ?? "") : colors.red(`cannot be evaluated: ${error.message}`);
  const lines = value.split("\n");
  const shown = verbose ? lines.length : valueLines;
  const rows: [string, string][] = [
    ["type", type],
    ...(answer.default === undefined ? [] : [["default", answer.default] as [string, string]]),
    ...(answer.example === undefined ? [] : [["example", answer.example] as [string, string]]),
    ...(answer.readOnly ? [["read-only", "yes"] as [string, string]] : []),
    ...declared.map((place): [string, string] => ["declared", placeText(place)]),
  ];
  const text =
    description === undefined
      ? []
      : ["", ...wrapText(plainText(description), Math.min(100, width - 2)).map((line) => `  ${line}`.trimEnd())];
  return [
    `${colors.bold(option)} ${colors.dim(`on ${machine}`)}`,
    ...lines.slice(0, shown).map((line) => `  ${line}`),
    ...(lines.length > shown ? [colors.dim(`  … ${lines.length - shown} lines more; --verbose shows them`)] : []),
    "",
    colors.bold("Defined"),
    ...(definitions.length === 0
      ? [colors.dim(error === undefined ? "  nowhere: the value is the default" : "  nowhere")]
      : definitionRows(definitions, colors, width)),
    "",
    colors.bold("The option"),
    ...alignColumns(rows.map(([name, what]) => [`  ${colors.dim(name)}`, what.replace(/\s*\n\s*/g, " ")])),
    ...text,
  ];
}

/** The priority of a plain definition is told where another has a different one. */
function definitionRows(definitions: readonly WhyDefinition[], colors: Colors, width: number): string[] {
  const isPlain = definitions.every(({ priority = 100 }) => priority === 100);
  return alignColumns(definitions.map((definition) => definitionRow(definition, isPlain, colors, width)));
}

function definitionRow(
  { value, priority, state, ...place }: WhyDefinition,
  isPlain: boolean,
  colors: Colors,
  width: number,
): string[] {
  const shown = truncate((value ?? "…").replace(/\s*\n\s*/g, " "), Math.max(20, Math.floor(width / 2)));
  const note = [state === "used" ? "" : state, isPlain ? "" : priorityText(priority)]
    .filter((part) => part !== "")
    .join(", ");
  return [
    `  ${state === "used" ? colors.cyan(placeText(place)) : colors.dim(placeText(place))}`,
    state === "used" ? shown : colors.dim(shown),
    colors.dim(note),
  ];
}

const known: Readonly<Record<number, string>> = {
  10: "mkVMOverride",
  50: "mkForce",
  60: "mkImageMediaOverride",
  1000: "mkDefault",
  1500: "mkOptionDefault",
};

/** Nothing where only Nix knows it. */
function priorityText(priority: number | undefined): string {
  if (priority === undefined) return "";
  return known[priority] === undefined ? `priority ${priority}` : `${known[priority]}, priority ${priority}`;
}

function placeText({
  file,
  line,
  column,
}: {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
}): string {
  return [file, line, line === undefined ? undefined : column].filter((part) => part !== undefined).join(":");
}
