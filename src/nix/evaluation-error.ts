/** From nix's error messages to one that names the user's file. */
import { existsSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import type { EvaluationError } from "../model/evaluation.ts";
import { stripAnsi } from "../util/ansi.ts";
import { defined } from "../util/defined.ts";
import { optionsInTrace, readFailure } from "./failure.ts";
import type { NixMessage, NixPosition } from "./internal-json.ts";
import { splitStage } from "./stage.ts";

const SOURCE = /\/nix\/store\/[0-9a-z]{32}-source\//g;
/** Stands for the begin of a path until the folder of the project is known to follow or not: nothing that nix prints has it. */
const MARK = "\0";

/**
 * The error of one attribute. The place is, in this order: the file that the module system names (`_file`, so a TypeScript file), where nix
 * itself points, and the innermost step of the trace, the latter two only inside the project's own files: a place in nixpkgs helps nobody.
 */
export function evaluationError(messages: readonly NixMessage[], log: string, stage: string): EvaluationError {
  const last = messages.at(-1);
  const message = toProjectPaths(plainMessage(last), stage);
  const named = namedFile(message, stage);
  const steps = stepsOf(last, stage);
  const place = named === undefined ? (steps[0] ?? {}) : { file: named };
  const trace = last?.trace.map(({ text }) => toProjectPaths(stripAnsi(text), stage)) ?? [];
  return {
    message: message === "" ? "Nix gave no reason" : message,
    ...place,
    log: toProjectPaths(log, stage),
    cause: {
      meaning: readFailure(message, trace, stripAnsi(last?.text ?? message)),
      options: optionsInTrace(trace),
      steps,
    },
  };
}

/** A text with the stage's paths made relative to the project. Other flakes' sources in the store keep their paths. */
export function toProjectPaths(text: string, stage: string): string {
  const { top, folder } = splitStage(stage);
  // What lies beside the project in its repository is named as from there.
  const above = folder === "" ? "" : `${relative(folder, "")}/`;
  const project = folder === "" ? "" : `${folder}/`;
  return text
    .replaceAll(`${stage}/`, "")
    .replaceAll(`${top}/`, above)
    .replace(SOURCE, (prefix, offset: number, whole: string) =>
      isStagedPath(whole.slice(offset + prefix.length), top) ? `${MARK}${above}` : prefix,
    )
    .replaceAll(`${MARK}${above}${project}`, "")
    .replaceAll(MARK, "");
}

// --- internal ---

function plainMessage(message: NixMessage | undefined): string {
  const text = stripAnsi(message?.raw ?? message?.text ?? "").replace(/^\s*error:\s*/, "");
  return text.trimEnd();
}

/** The first file in the module system's own words: "In `hosts/crown.ts'", "definitions from `modules/a.nix'". */
function namedFile(message: string, stage: string): string | undefined {
  for (const match of message.matchAll(/(?:\bIn|\bfrom|\bin) [`'"‘]([^`'"’\n]+)['"’]/g)) {
    const file = (match[1] as string).replace(/^\.\//, "");
    if (isOwnFile(file, stage)) return file;
  }
  return undefined;
}

/** The places in the project's own files, the innermost first. */
function stepsOf(message: NixMessage | undefined, stage: string): (NixPosition & { readonly file: string })[] {
  const steps: readonly NixPosition[] = [message ?? {}, ...(message?.trace ?? [])];
  return steps.flatMap(({ file: path, line, column }) => {
    const file = path === undefined ? undefined : toProjectPaths(path, stage);
    return file === undefined || !isOwnFile(file, stage) ? [] : [defined({ file, line, column })];
  });
}

/** True when the text begins with the path of something in the snapshot. */
function isStagedPath(text: string, top: string): boolean {
  const path = /^[^\s'"`’:;,)]+/.exec(text)?.[0];
  return path !== undefined && existsSync(join(top, path));
}

/** True for a file of the project that is not part of a flake inside it: an input that lies in the project's folder is not the user's mistake. */
function isOwnFile(file: string, stage: string): boolean {
  if (file.startsWith("/") || file.split("/").includes("..") || !existsSync(join(stage, file))) return false;
  for (let folder = dirname(file); folder !== "."; folder = dirname(folder)) {
    if (existsSync(join(stage, folder, "flake.nix"))) return false;
  }
  return true;
}
