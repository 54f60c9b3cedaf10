import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { ConfigError, type SourcePosition } from "../errors.ts";
import { frame } from "../util/frame.ts";
import { locateKey } from "./locate.ts";

/** One thing that is wrong with the project, as `details.problems` of the ConfigError holds it. */
export interface Problem {
  /** What it is about, as a path of keys: `containers.web.instances.web-1.ports`; empty for a file that does not load. */
  readonly path: string;
  readonly message: string;
  /** Relative to the project. */
  readonly file: string;
  /** Counts from 1; absent when the whole file is meant. */
  readonly line?: number;
  readonly column?: number;
  readonly hint?: string;
}

/**
 * Where a problem stands: a file, a place in it, or the keys below a place. Files are absolute. Without a column the line's
 * first character that is not white space is meant.
 */
export interface Place {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
  /** The keys that lead from there to the value. */
  readonly keys?: readonly string[];
}

/**
 * Where a definition was made, or the keys below it. The column of a call is not used: compiled code keeps the lines of what the
 * user wrote, not the columns.
 */
export function placeIn(source: { readonly file: string; readonly line: number }, keys: readonly string[] = []): Place {
  return { file: source.file, line: source.line, keys };
}

/** Gathers what is wrong with a project, so that all of it is told at once. */
export class Problems {
  private readonly root: string;
  private readonly found: Problem[] = [];
  private readonly texts = new Map<string, string>();

  constructor(root: string) {
    this.root = root;
  }

  report(place: Place, path: readonly string[], message: string, hint?: string): void {
    const file = relative(this.root, place.file);
    const position = this.position(place);
    const problem: Problem = {
      path: attributePath(path),
      message,
      file,
      ...position,
      ...(hint === undefined ? {} : { hint }),
    };
    const isKnown = this.found.some(
      (other) => other.message === message && other.file === file && other.line === problem.line,
    );
    if (!isKnown) this.found.push(problem);
  }

  /** Throws one ConfigError that tells every problem, in the order of files and lines; nothing when there is none. */
  throwIfAny(): void {
    const [first, ...others] = [...this.found].sort(byPlace);
    if (first === undefined) return;
    throw others.length === 0 ? this.single(first) : this.several([first, ...others]);
  }

  private single(problem: Problem): ConfigError {
    const text =
      problem.line === undefined
        ? ""
        : frame(this.text(join(this.root, problem.file)), problem.line, problem.column ?? 1);
    return new ConfigError(problem.message, {
      at: sourcePosition(problem),
      hint: problem.hint,
      // An empty frame says that there is no line to show.
      details: { problems: [problem], frame: text },
    });
  }

  private several(problems: readonly Problem[]): ConfigError {
    const lines = problems.flatMap((problem) => [
      `  ${problem.file}${problem.line === undefined ? "" : `:${problem.line}:${problem.column}`}: ${problem.message}`,
      ...(problem.hint === undefined ? [] : [`    ${problem.hint}`]),
    ]);
    return new ConfigError(`The project has ${problems.length} problems:\n${lines.join("\n")}`, {
      details: { problems },
    });
  }

  private position(place: Place): { line: number; column: number } | undefined {
    if (place.line === undefined) return undefined;
    const start = { line: place.line, column: place.column ?? firstColumn(this.text(place.file), place.line) };
    return place.keys === undefined || place.keys.length === 0
      ? start
      : locateKey(this.text(place.file), start, place.keys);
  }

  private text(file: string): string {
    let text = this.texts.get(file);
    if (text === undefined) {
      text = readTextOrNothing(file);
      this.texts.set(file, text);
    }
    return text;
  }
}

/** Keys written as a Nix attribute path: `mounts."/var/lib/x".shift`. */
export function attributePath(keys: readonly string[]): string {
  return keys.reduce((path, key) => {
    if (/^\d+$/.test(key) && path !== "") return `${path}[${key}]`;
    const name = /^[A-Za-z_][\w'-]*$/.test(key) ? key : JSON.stringify(key);
    return path === "" ? name : `${path}.${name}`;
  }, "");
}

function firstColumn(text: string, line: number): number {
  return (text.split("\n")[line - 1]?.search(/\S/) ?? 0) + 1 || 1;
}

function sourcePosition(problem: Problem): SourcePosition {
  return { file: problem.file, line: problem.line ?? 1, column: problem.column ?? 1 };
}

function byPlace(a: Problem, b: Problem): number {
  return compare(a.file, b.file) || (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);
}

function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

/** A frame is a help, not a need: the file may have gone since it was loaded. */
function readTextOrNothing(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
