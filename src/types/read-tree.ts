/** From what nix prints to the tree that everything else reads: defaults found in the source, files named relative to their flake. */
import type { OptionEntry, OptionNode, TypeNode } from "./dump.ts";
import { isHole, isOption } from "./dump.ts";

/** Answers a line of a file, counted from 1, and those after it up to a few; undefined where there is none. */
export type ReadLines = (file: string, line: number) => string | undefined;

/** An option as `optionsNix` prints it: the place of the default instead of the default, and whole paths. */
interface RawEntry extends OptionEntry {
  readonly defaultAt?: readonly [file: string, line: number, column: number];
}

/** Reads the tree that `optionsNix` printed. */
export function readTree(raw: unknown, readLines: ReadLines): Readonly<Record<string, OptionNode>> {
  return readOptions(raw as Readonly<Record<string, OptionNode>>, readLines);
}

/**
 * The literal that a declaration's `default` is, as Nix text, when its source begins with `default = LITERAL;`. Defaults are never
 * evaluated, so what is computed has no text here.
 */
export function literalDefault(source: string): string | undefined {
  return /^default\s*=\s*(true|false|null|-?\d+(?:\.\d+)?|"(?:[^"\\$\n]|\\["\\n])*"|\[\s*\]|\{\s*\})\s*;/.exec(
    source,
  )?.[1];
}

/** `nixos/modules/x.nix` for `/nix/store/HASH-source/nixos/modules/x.nix`. */
export function relativeSource(file: string): string {
  return file.replace(/^\/nix\/store\/[0-9a-z]{32}-[^/]+\//, "");
}

// --- internal ---

/** What the module system says of a module that is no file. */
const UNKNOWN_FILE = "<unknown-file>";

function readOptions(options: Readonly<Record<string, OptionNode>>, readLines: ReadLines): Record<string, OptionNode> {
  const read: Record<string, OptionNode> = {};
  for (const [name, node] of Object.entries(options)) read[name] = readNode(node, readLines);
  return read;
}

function readNode(node: OptionNode, readLines: ReadLines): OptionNode {
  if (isHole(node)) return node;
  if (!isOption(node)) return { options: readOptions(node.options, readLines) };
  const { defaultAt, declared, line, type, ...entry } = node as RawEntry;
  const found = defaultAt === undefined ? undefined : findDefault(defaultAt, readLines);
  return {
    ...entry,
    type: readType(type, readLines),
    ...(found === undefined ? {} : { default: found }),
    ...(declared === undefined || declared === UNKNOWN_FILE
      ? {}
      : { declared: relativeSource(declared), ...(line === undefined ? {} : { line }) }),
  };
}

function findDefault(
  [file, line, column]: readonly [string, number, number],
  readLines: ReadLines,
): string | undefined {
  const source = readLines(file, line);
  return source === undefined ? undefined : literalDefault(source.slice(column - 1));
}

function readType(type: TypeNode, readLines: ReadLines): TypeNode {
  if (type.kind.startsWith("strMatching")) return { ...type, kind: "strMatching", ...patternOf(type) };
  const read: Record<string, unknown> = { ...type };
  for (const part of ["elem", "from", "left", "right", "freeform"] as const)
    if (type[part] !== undefined) read[part] = readType(type[part], readLines);
  for (const part of ["options", "tags"] as const)
    if (type[part] !== undefined) read[part] = readOptions(type[part], readLines);
  return read as unknown as TypeNode;
}

/** Releases before 2024 say the pattern only in words. */
function patternOf({ pattern, description }: TypeNode): { pattern?: string } {
  const told = pattern ?? /^string matching the pattern (.*)$/s.exec(description ?? "")?.[1];
  return told === undefined ? {} : { pattern: told };
}
