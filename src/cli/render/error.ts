/** How an error looks: what failed, where, the lines around it, what to do. */
import { FloeError, type SourcePosition } from "../../errors.ts";
import type { Problem } from "../../model/plan.ts";
import { frame } from "../../util/frame.ts";
import { version } from "../../version.ts";
import type { Colors } from "./style.ts";

export interface ErrorOptions {
  readonly colors: Colors;
  /** Whole logs and stacks. */
  readonly verbose: boolean;
  /** All that nix printed about an error. */
  readonly showTrace?: boolean;
  /** The text of a file that a position names (relative to the project); undefined when it cannot be read. */
  readonly readSource?: (file: string) => string | undefined;
  /** Show the lines around every problem's place too, or only the line itself. */
  readonly withFrames?: boolean | "line";
}

/** Lines of a failed build that are shown without `--verbose`. */
const logTail = 20;

export function renderError(error: unknown, options: ErrorOptions): string {
  if (!(error instanceof FloeError)) return renderBug(error, options.colors);
  const { colors } = options;
  const problems = problemsOf(error);
  const message = problems.length > 1 ? firstLine(error.message) : indentRest(error.message, "  ");
  const lines = [`${colors.red(colors.bold("error:"))} ${message}`];
  if (problems.length > 1)
    lines.push("", ...problems.flatMap((problem) => [...renderProblem(problem, options), ""]).slice(0, -1));
  else if (error.at !== undefined) lines.push(...renderPlace(error.at, options, frameOf(error)));
  lines.push(...renderLog(error, options));
  if (options.verbose) lines.push(...renderCause(error.cause, colors));
  if (error.hint !== undefined) lines.push("", ...renderHint(error.hint, colors));
  return `${lines.join("\n")}\n`;
}

/** One of several problems: its message, place and hint. */
export function renderProblem(problem: Partial<Problem> & Pick<Problem, "message">, options: ErrorOptions): string[] {
  const { colors } = options;
  const subject = problem.subject === undefined || problem.subject === "" ? "" : `${colors.bold(problem.subject)}: `;
  const lines = [`  ${colors.red("✗")} ${subject}${indentRest(problem.message, "    ")}`];
  if (problem.file !== undefined)
    lines.push(`    ${colors.dim("at")} ${colors.cyan(placeText(problem.file, problem.line, problem.column))}`);
  const source =
    (options.withFrames ?? false) !== false && problem.file !== undefined
      ? options.readSource?.(problem.file)
      : undefined;
  if (source !== undefined && problem.line !== undefined) {
    const linesAround = options.withFrames === "line" ? 0 : 2;
    lines.push(
      ...paintFrame(frame(source, problem.line, problem.column ?? 1, linesAround), colors).map((line) => `  ${line}`),
    );
  }
  for (const { text, ...place } of problem.related ?? []) {
    lines.push(
      `    ${colors.dim("and")} ${colors.cyan(placeText(place.file, place.line, place.column))}${text === "" ? "" : `  ${colors.dim(text)}`}`,
    );
  }
  if (problem.hint !== undefined) lines.push(...renderHint(problem.hint, colors, "    "));
  if (options.showTrace === true && problem.trace !== undefined)
    lines.push(...problem.trace.split("\n").map((line) => `    ${colors.dim("│")} ${line}`.trimEnd()));
  return lines;
}

/** `hint: …`, further lines of it indented. */
export function renderHint(hint: string, colors: Colors, indent = "  "): string[] {
  return hint
    .split("\n")
    .map((line, index) => (index === 0 ? `${indent}${colors.yellow("hint:")} ${line}` : `${indent}      ${line}`));
}

// --- internal ---

/** `  at FILE:LINE:COLUMN` and, where the file can be read, the lines around it with a mark below the column. */
function renderPlace(at: SourcePosition, options: ErrorOptions, known: string | undefined): string[] {
  const { colors } = options;
  const place = `  ${colors.dim("at")} ${colors.cyan(placeText(at.file, at.line, at.column))}`;
  const source = options.readSource?.(at.file);
  const text = known ?? (source === undefined ? "" : frame(source, at.line, at.column));
  if (text === "") return [place];
  return [place, "", ...paintFrame(text, colors)];
}

function paintFrame(text: string, colors: Colors): string[] {
  return text
    .split("\n")
    .map((line) => `  ${line.startsWith(">") || /\|\s*\^$/.test(line) ? colors.red(line) : colors.dim(line)}`);
}

function placeText(file: string, line: number | undefined, column: number | undefined): string {
  return [file, line, line === undefined ? undefined : column].filter((part) => part !== undefined).join(":");
}

function frameOf(error: FloeError): string | undefined {
  const text = error.details["frame"];
  return typeof text === "string" ? text : undefined;
}

/** `details.problems`: everything that is wrong, gathered. */
function problemsOf(error: FloeError): (Partial<Problem> & Pick<Problem, "message">)[] {
  const problems = error.details["problems"];
  return Array.isArray(problems) ? problems : [];
}

/** `details.log`: what the program that failed printed, unless the message tells it already. */
function renderLog({ message, details }: FloeError, options: ErrorOptions): string[] {
  const log = details["log"];
  const text = Array.isArray(log) ? log.join("\n") : typeof log === "string" ? log : "";
  const lines = text.trimEnd().split("\n");
  if (text.trim() === "" || message.includes(lines.at(-1) ?? "")) return [];
  const shown = options.verbose ? lines : lines.slice(-logTail);
  const skipped = lines.length - shown.length;
  const head = skipped > 0 ? [options.colors.dim(`  … ${skipped} lines before; --verbose shows them`)] : [];
  return ["", ...head, ...shown.map((line) => `  ${options.colors.dim("│")} ${line}`.trimEnd())];
}

function renderCause(cause: unknown, colors: Colors): string[] {
  return cause instanceof Error
    ? ["", colors.dim(indentRest(`  caused by: ${cause.stack ?? cause.message}`, "  "))]
    : [];
}

function renderBug(error: unknown, colors: Colors): string {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return [
    `${colors.red(colors.bold("error:"))} floe ${version} has a bug: this should not have happened`,
    indentRest(`  ${text}`, "  "),
    "",
    ...renderHint("Please report this with the lines above", colors),
    "",
  ].join("\n");
}

function firstLine(text: string): string {
  return (text.split("\n")[0] ?? "").replace(/:$/, "");
}

function indentRest(text: string, indent: string): string {
  return text.replaceAll("\n", `\n${indent}`);
}
