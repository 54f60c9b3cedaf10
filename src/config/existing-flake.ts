/** A flake that floe did not write: what floe.config.ts says of it. */
import { existsSync } from "node:fs";
import { join, posix } from "node:path";
import type { AttributePath, FlakeInput } from "../model/fleet.ts";
import { hasHeader } from "../model/header.ts";
import { readText } from "../util/files.ts";
import type { Field } from "./field.ts";
import type { LoadTrace } from "./recall.ts";

/** `./flake.nix`, relative to the project. */
export function readFlakeFile(field: Field, root: string): string {
  const file = "flake.nix";
  if (typeof field.value !== "string" || posix.normalize(field.value) !== file) {
    field.must('be "./flake.nix", the flake that lies beside floe.config.ts');
    return file;
  }
  const text = readText(join(root, file));
  if (text === undefined) field.report(`Cannot find "${field.value}" of ${field.label}`);
  else if (hasHeader(text))
    field.fail("names a flake that floe itself wrote", 'Leave "flake" out, and describe the inputs in "inputs"');
  return file;
}

/** The inputs of an existing flake as flake.lock has them; undefined while there is none. They are for reading: nothing is written from them. */
export function readFlakeInputs(
  field: Field,
  flake: string,
  root: string,
  { data }: Pick<LoadTrace, "data">,
): Readonly<Record<string, FlakeInput>> | undefined {
  if (field.isGiven)
    field.fail(
      `cannot be given beside "flake"`,
      `The inputs are those of ${flake}: add them there, or leave "flake" out`,
    );
  const file = join(root, "flake.lock");
  if (!existsSync(file)) return undefined;
  data.add(file);
  return lockedInputs(readText(file) ?? "");
}

const pathRule = "be a path of attributes below the flake's outputs";

/** A path of attributes in Nix syntax, without anything computed: `homeConfigurations."me@crown"`. */
export function readAttributePath(field: Field, example: string): AttributePath {
  const path = typeof field.value === "string" ? parseAttributePath(field.value) : undefined;
  if (path === undefined) field.must(`${pathRule}, such as ${example}`);
  return path ?? [];
}

/** Undefined where it is no such path. */
export function parseAttributePath(text: string): AttributePath | undefined {
  const names: string[] = [];
  const word = /(?:([A-Za-z_][\w'-]*)|"((?:[^"\\$]|\\["\\$]|\$(?!\{))*)")(\.|$)/y;
  for (let isLast = false; !isLast; ) {
    const found = word.exec(text);
    if (found === null) return undefined;
    names.push(found[1] ?? (found[2] ?? "").replace(/\\(["\\$])/g, "$1"));
    isLast = found[3] === "";
  }
  return names;
}

// --- internal ---

/** Flake references for people: nothing depends on how they are written. */
function lockedInputs(text: string): Record<string, FlakeInput> {
  const lock = parse(text);
  const nodes = recordAt(lock, "nodes");
  const root = recordAt(nodes, String(lock["root"] ?? "root"));
  return Object.fromEntries(
    Object.entries(recordAt(root, "inputs")).map(([name, node]) => {
      const locked = typeof node === "string" ? recordAt(nodes, node) : {};
      const url = urlOf(recordAt(locked, "original"));
      return [name, { kind: "url" as const, url, follows: {}, flake: locked["flake"] !== false }];
    }),
  );
}

function urlOf(original: Readonly<Record<string, unknown>>): string {
  const { type, owner, repo, ref, rev, url, path, id } = original;
  const end = [ref, rev].filter((part) => typeof part === "string").map((part) => `/${part}`);
  if (typeof owner === "string") return `${type}:${owner}/${repo}${end.join("")}`;
  if (typeof id === "string") return `${id}${end.join("")}`;
  return type === "git" ? `git+${url}` : `${type === "path" ? "path:" : ""}${url ?? path ?? ""}`;
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    return asRecord(JSON.parse(text));
  } catch {
    // Nix says what is wrong with it.
    return {};
  }
}

function recordAt(record: Readonly<Record<string, unknown>>, key: string): Readonly<Record<string, unknown>> {
  return asRecord(record[key]);
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : {};
}
