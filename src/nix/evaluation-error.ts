/** From nix's error messages to one that names the user's file. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import type { EvaluationError } from "../model/evaluation.ts";
import { stripAnsi } from "../util/ansi.ts";
import type { NixMessage, NixPosition } from "./internal-json.ts";

const SOURCE = /\/nix\/store\/[0-9a-z]{32}-source\//g;

/**
 * The error of one attribute. The place is, in this order: the file that the module system names (`_file`, so a TypeScript file), where nix
 * itself points, and the innermost step of the trace, the latter two only inside the project's own files: a place in nixpkgs helps nobody.
 */
export function evaluationError(messages: readonly NixMessage[], log: string, stage: string): EvaluationError {
  const last = messages.at(-1);
  const message = toProjectPaths(plainMessage(last), stage);
  const named = namedFile(message, stage);
  const place = named === undefined ? placeOf(last, stage) : { file: named };
  return { message: message === "" ? "Nix gave no reason" : message, ...place, log: toProjectPaths(log, stage) };
}

/** A text with the stage's paths made relative to the project. Other flakes' sources in the store keep their paths. */
export function toProjectPaths(text: string, stage: string): string {
  return text
    .replaceAll(`${stage}/`, "")
    .replace(SOURCE, (prefix, offset: number) =>
      isProjectPath(text.slice(offset + prefix.length), stage) ? "" : prefix,
    );
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

function placeOf(message: NixMessage | undefined, stage: string): NixPosition {
  const steps: NixPosition[] = [message ?? {}, ...(message?.trace ?? [])];
  for (const position of steps) {
    const file = position.file === undefined ? undefined : toProjectPaths(position.file, stage);
    if (file === undefined || !isOwnFile(file, stage)) continue;
    return {
      file,
      ...(position.line === undefined ? {} : { line: position.line }),
      ...(position.column === undefined ? {} : { column: position.column }),
    };
  }
  return {};
}

/** True when the text begins with the path of something in the stage. */
function isProjectPath(text: string, stage: string): boolean {
  const path = /^[^\s'"`’:;,)]+/.exec(text)?.[0];
  return path !== undefined && existsSync(join(stage, path));
}

/** True for a file of the project that is not part of a flake inside it: an input that lies in the project's folder is not the user's mistake. */
function isOwnFile(file: string, stage: string): boolean {
  if (file.startsWith("/") || file.split("/").includes("..") || !existsSync(join(stage, file))) return false;
  for (let folder = dirname(file); folder !== "."; folder = dirname(folder)) {
    if (existsSync(join(stage, folder, "flake.nix"))) return false;
  }
  return true;
}
