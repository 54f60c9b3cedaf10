import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { basename, dirname, isAbsolute, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { FloeError } from "../errors.ts";
import { nearest } from "../util/nearest.ts";
import type { Place } from "./problems.ts";

/** Why a file could not be used, and where. */
export interface ImportFailure {
  readonly place: Place;
  readonly message: string;
  readonly hint?: string | undefined;
}

/**
 * Tells what went wrong while a file of the user's was loaded or one of its functions ran: a syntax error, a module that is not
 * there, an error that floe's own functions threw, or any other throw. `file` is where it began, absolute.
 */
export function importFailure(error: unknown, file: string, root: string): ImportFailure {
  return (
    syntaxError(error, root) ??
    missingModule(error, file, root) ??
    floeError(error, file, root) ??
    otherThrow(error, file, root)
  );
}

/** jiti's parser says `ParseError: TEXT \n FILE:LINE:COLUMN`. */
function syntaxError(error: unknown, root: string): ImportFailure | undefined {
  const [, text, file, line, column] = /^ParseError: ([\s\S]*?)\s*\n\s*(\/.*):(\d+):(\d+)/.exec(messageOf(error)) ?? [];
  if (text === undefined || file === undefined) return undefined;
  const message = `Cannot read "${relative(root, file)}": ${text.charAt(0).toLowerCase()}${text.slice(1).replace(/\.$/, "")}`;
  // Its columns count from 0.
  return { place: { file, line: Number(line), column: Number(column) + 1 }, message };
}

function missingModule(error: unknown, file: string, root: string): ImportFailure | undefined {
  const name = /^Cannot find (?:module|package) '([^']+)'/.exec(messageOf(error))?.[1];
  if (name === undefined) return undefined;
  if (isAbsolute(name))
    return { place: { file: name }, message: `Cannot read "${relative(root, name)}": ${whyUnreadable(name)}` };
  const importer = /Require stack:\n- (.*)/.exec(messageOf(error))?.[1] ?? file;
  return {
    place: { file: importer, ...lineOf(importer, name) },
    message: `Cannot find "${name}", which "${relative(root, importer)}" imports`,
    hint: name.startsWith(".") ? nearFile(importer, name) : `Install it in the project: npm install ${name}`,
  };
}

/** A file that floe itself looked for: its name is there. */
function whyUnreadable(file: string): string {
  const entry = lstatSync(file, { throwIfNoEntry: false });
  if (entry?.isSymbolicLink()) return `it is a link to "${readlinkSync(file)}", which is not there`;
  return entry?.isDirectory() ? "it is a folder" : "it is not there";
}

/** An error of floe's own: its message is meant for people and it may know its place. */
function floeError(error: unknown, file: string, root: string): ImportFailure | undefined {
  if (!isFloeError(error)) return undefined;
  const { at } = error;
  const place = at === undefined ? placeOf(error, file, root) : { file: resolve(root, at.file), line: at.line };
  return { place, message: error.message, hint: error.hint };
}

/** By its form: the user's files may hold another copy of floe. */
function isFloeError(error: unknown): error is FloeError {
  return error instanceof Error && "exitCode" in error && "details" in error && "hint" in error;
}

function otherThrow(error: unknown, file: string, root: string): ImportFailure {
  const place = placeOf(error, file, root);
  // The compiled code names an import `(0 , _floe.host)`.
  const text = messageOf(error).replace(/\(0 ?, ?_\w+\.(\w+)\)/g, "$1");
  const name = error instanceof Error && error.name !== "Error" ? `${error.name}: ` : "";
  return { place, message: `Cannot load "${relative(root, place.file)}": ${name}${text}` };
}

/**
 * The innermost frame of the stack that lies in the project. Only its line is used: compiled code keeps the lines of what the
 * user wrote, not the columns.
 */
function placeOf(error: unknown, file: string, root: string): Place {
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  for (const [, path, line] of stack.matchAll(/^\s+at (?:.*\()?((?:file:\/\/)?\/.*?):(\d+):\d+\)?$/gm)) {
    const frameFile = path?.startsWith("file:") ? fileURLToPath(path) : (path ?? "");
    if (frameFile.startsWith(`${root}/`) && !frameFile.includes("/node_modules/"))
      return { file: frameFile, line: Number(line) };
  }
  return { file };
}

/** The line that imports the name. */
function lineOf(file: string, name: string): { line?: number; column?: number } {
  if (!existsSync(file)) return {};
  const lines = readFileSync(file, "utf8").split("\n");
  const index = lines.findIndex((line) => line.includes(`"${name}"`) || line.includes(`'${name}'`));
  return index < 0 ? {} : { line: index + 1, column: (lines[index]?.indexOf(name) ?? 0) + 1 };
}

/** A file of nearly this name beside the one that is missing. */
function nearFile(importer: string, name: string): string | undefined {
  const folder = dirname(resolve(dirname(importer), name));
  const files = existsSync(folder) ? readdirSync(folder) : [];
  const suggestion = nearest(basename(name), files);
  if (suggestion === undefined) return undefined;
  const path = join(dirname(name), suggestion);
  return `Did you mean "${path.startsWith(".") ? path : `./${path}`}"?`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
