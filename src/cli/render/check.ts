/** What `floe check` prints: a line for each question, then every problem. */
import type { CheckReport } from "../../check/check-project.ts";
import { type ErrorOptions, renderProblem } from "./error.ts";
import { alignColumns } from "./table.ts";
import { counted } from "./words.ts";

export function renderCheck(report: CheckReport, options: ErrorOptions): string {
  const { colors, verbose } = options;
  const signs = { good: colors.green("✓"), bad: colors.red("✗"), none: colors.dim("·") };
  const rows = [types(report), files(report), evaluation(report)].map(({ name, sign, text }) => [
    `${signs[sign]} ${name}`,
    text,
  ]);
  const shown = verbose ? report.problems : report.problems.slice(0, mostShown);
  const left = report.problems.length - shown.length;
  const withFrames = shown.length > mostFrames ? "line" : true;
  const problems = [
    ...shown.flatMap((problem) => ["", ...renderProblem(problem, { ...options, withFrames })]),
    ...(left === 0 ? [] : ["", colors.dim(`  … ${left} more; --verbose shows them`)]),
  ];
  const notes = report.notes.flatMap(({ subject, message, file, line, column }) => [
    "",
    `  ${colors.yellow("!")} ${colors.bold(subject)}: ${message}`,
    ...(file === undefined
      ? []
      : [
          `    ${colors.dim("at")} ${colors.cyan([file, line, column].filter((part) => part !== undefined).join(":"))}`,
        ]),
  ]);
  const verdict = report.ok ? "Everything is well" : counted(report.problems.length, "problem");
  return `${[...alignColumns(rows), ...problems, ...notes, "", colors.bold(verdict)].join("\n")}\n`;
}

// --- internal ---

/** More problems than this have only their own line shown, not those around it: a screen holds few frames. */
const mostFrames = 6;
/** Who has more is helped by the first of them. */
const mostShown = 40;

interface Line {
  readonly name: string;
  readonly sign: "good" | "bad" | "none";
  readonly text: string;
}

function types({ types: result }: CheckReport): Line {
  if (!result.ran) return { name: "types", sign: "none", text: `not checked: no TypeScript here (${result.hint})` };
  const count = result.problems.length;
  return count === 0
    ? { name: "types", sign: "good", text: result.compiler }
    : { name: "types", sign: "bad", text: `${counted(count, "error")}, says ${result.compiler}` };
}

function files({ files: found }: CheckReport): Line {
  const name = "flake files";
  if (found === null) return { name, sign: "none", text: "not compared: the project does not load" };
  const old = found.missing.length + found.changed.length + found.stale.length + found.foreign.length;
  if (old + found.same.length === 0) return { name, sign: "good", text: "none: all comes from your flake.nix" };
  return old === 0
    ? { name, sign: "good", text: `${counted(found.same.length, "file")} up to date` }
    : { name, sign: "bad", text: `${counted(old, "file")} not up to date` };
}

function evaluation({ evaluated, files: found }: CheckReport): Line {
  const name = "evaluation";
  if (found === null) return { name, sign: "none", text: "not evaluated: the project does not load" };
  if (evaluated === null) return { name, sign: "bad", text: "the flake as a whole does not evaluate" };
  const { good, bad, homes = 0 } = evaluated;
  const all = homes > 0 ? "hosts, images, homes and shells" : "hosts, images and shells";
  return bad === 0
    ? { name, sign: "good", text: counted(good, homes > 0 ? "home" : "host, image or shell", all) }
    : { name, sign: "bad", text: `${bad} of ${good + bad} do not evaluate` };
}
