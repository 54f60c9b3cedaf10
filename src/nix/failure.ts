/**
 * Reads what nix's message means. The module system has worded its errors anew several times; the forms since NixOS 20.09 are known
 * here. What is not recognised keeps its words.
 */
import type { EvaluationMeaning, OptionPath, ToldDefinition } from "../model/evaluation.ts";

/**
 * The meaning of an error's own words. `trace` are the texts of its trace, the innermost first; `printed` is all that nix printed of
 * it, where its suggestions stand.
 */
export function readFailure(message: string, trace: readonly string[] = [], printed = message): EvaluationMeaning {
  for (const read of readers) {
    const meaning = read(message, trace, printed);
    if (meaning !== undefined) return meaning;
  }
  return { kind: "other" };
}

/** The options that were being evaluated, the innermost first, each once. */
export function optionsInTrace(trace: readonly string[]): OptionPath[] {
  const names = trace.flatMap((text) => /while evaluating the option [`'"‘](.+?)['’"](?::|$)/.exec(text)?.[1] ?? []);
  return [...new Set(names)].map(parseOptionPath);
}

/** `a."b.c".[definition 1-entry 2]` as names. An index is a name too; old releases quote names only where they hold quotes. */
export function parseOptionPath(text: string): string[] {
  const names: string[] = [];
  const pattern = /"((?:[^"\\]|\\.)*)"|(\[definition [^\]]*\])|(<[^>]*>)|([^."]+)/gy;
  let at = 0;
  while (at < text.length) {
    if (text[at] === ".") at += 1;
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found === null) return [...names, text.slice(at)];
    names.push(found[1] === undefined ? (found[2] ?? found[3] ?? found[4] ?? "") : found[1].replace(/\\(.)/g, "$1"));
    at = pattern.lastIndex;
  }
  return names;
}

// --- internal ---

type Reader = (message: string, trace: readonly string[], printed: string) => EvaluationMeaning | undefined;

const readers: readonly Reader[] = [
  wrongType,
  unknownOption,
  conflict,
  noValue,
  notAGroup,
  assertions,
  missingArgument,
  missingAttribute,
  recursion,
];

/** The messages quote as `this', newer ones as ‘this’ or 'this'. */
const open = "[`'‘]";
const close = "['’]";
const quoted = `${open}(.+?)${close}`;

function wrongType(message: string): EvaluationMeaning | undefined {
  const now = new RegExp(
    `A definition for option ${quoted} is not of type ${open}([\\s\\S]*?)${close}\\.(?: |\\n|$)`,
  ).exec(message);
  if (now !== null)
    return {
      kind: "wrong-type",
      option: parseOptionPath(now[1] ?? ""),
      wanted: now[2] ?? "",
      definitions: told(message),
    };
  const before = new RegExp(
    `The option value ${quoted} in ${quoted} is not of type ${open}([\\s\\S]*?)${close}\\.(?:\\s|$)`,
  ).exec(message);
  if (before === null) return undefined;
  return {
    kind: "wrong-type",
    option: parseOptionPath(before[1] ?? ""),
    wanted: before[3] ?? "",
    definitions: [{ file: before[2] ?? "" }],
  };
}

function unknownOption(message: string): EvaluationMeaning | undefined {
  const found = new RegExp(`The option ${quoted}(?: defined in ([\\s\\S]*?))? does not exist\\.`).exec(message);
  if (found === null) return undefined;
  const definitions = found[2] === undefined ? told(message) : files(found[2]);
  const meant = new RegExp(`Did you mean ${quoted}`).exec(message)?.[1];
  return {
    kind: "unknown-option",
    option: parseOptionPath(found[1] ?? ""),
    definitions,
    ...(meant === undefined ? {} : { meant }),
  };
}

function conflict(message: string): EvaluationMeaning | undefined {
  const forms = [
    ["equal", new RegExp(`The option ${quoted} has conflicting definition(?:s, in ([\\s\\S]*?)\\.(?:\\s|$)| values:)`)],
    [
      "unique",
      new RegExp(`The (?:unique )?option ${quoted} is defined multiple times(?:, in ([\\s\\S]*?)\\.(?:\\s|$))?`),
    ],
    ["read-only", new RegExp(`The option ${quoted} is read-only, but it's set multiple times`)],
  ] as const;
  for (const [rule, form] of forms) {
    const found = form.exec(message);
    if (found === null) continue;
    const definitions = found[2] === undefined ? told(message) : files(found[2]);
    return { kind: "conflict", rule, option: parseOptionPath(found[1] ?? ""), definitions };
  }
  return undefined;
}

function noValue(message: string): EvaluationMeaning | undefined {
  const found = new RegExp(
    `The option ${quoted} (?:is used but not defined|was accessed but has no value defined)`,
  ).exec(message);
  return found === null ? undefined : { kind: "no-value", option: parseOptionPath(found[1] ?? "") };
}

function notAGroup(message: string): EvaluationMeaning | undefined {
  const now = new RegExp(
    `You're trying to (?:declare|define) a value of type ${quoted}\\s+rather than an attribute[- ]set for the option\\s+${quoted}!`,
  ).exec(message);
  if (now !== null) return { kind: "not-a-group", option: parseOptionPath(now[2] ?? ""), found: now[1] ?? "" };
  const before = /^(?:value is|expected a set but found) (an? [a-z ]+?)(?: while a set was expected|:|$)/.exec(message);
  return before === null ? undefined : { kind: "not-a-group", found: before[1] ?? "" };
}

/** A message may have several lines; each begins with `- `. */
function assertions(message: string): EvaluationMeaning | undefined {
  const text = /Failed assertions?:\s*([\s\S]*)$/.exec(message)?.[1];
  if (text === undefined) return undefined;
  const messages = text.startsWith("- ") ? text.slice(2).split(/\n+- /) : [text];
  return { kind: "assertions", messages: messages.map((line) => line.trim()).filter((line) => line !== "") };
}

/** A module function asks for an argument that nobody gives. */
function missingArgument(message: string, trace: readonly string[]): EvaluationMeaning | undefined {
  const name = missingName(message);
  if (name === undefined) return undefined;
  const asks = new RegExp(`while evaluating the module argument ${open}${escaped(name)}${close} in "([^"]*)"`);
  const found = trace.slice(0, 8).flatMap((text) => asks.exec(text) ?? []);
  return found.length === 0
    ? undefined
    : { kind: "missing-argument", name, ...(found[1] === undefined ? {} : { module: found[1] }) };
}

function missingAttribute(message: string, _trace: readonly string[], printed: string): EvaluationMeaning | undefined {
  const name = missingName(message);
  if (name === undefined) return undefined;
  const meant = /Did you mean (?:one of )?(.+?)\?/.exec(printed)?.[1]?.split(/, | or /) ?? [];
  return { kind: "missing-attribute", name, meant: meant.map((word) => word.replace(/^['"‘`]|['"’]$/g, "")) };
}

function recursion(message: string): EvaluationMeaning | undefined {
  return /^infinite recursion encountered/.test(message) ? { kind: "recursion" } : undefined;
}

function missingName(message: string): string | undefined {
  return /^attribute '(.+?)' missing/.exec(message)?.[1];
}

/** `- In `FILE': VALUE`, or the value in the lines below. */
function told(message: string): ToldDefinition[] {
  const found: ToldDefinition[] = [];
  for (const [, file = "", rest = ""] of message.matchAll(
    new RegExp(`\\n\\s*- In ${quoted}(?::([\\s\\S]*?))?(?=\\n\\s*- In |\\n(?! {4})|$)`, "g"),
  )) {
    const value = outdent(rest);
    found.push(value === "" ? { file } : { file, value });
  }
  return found;
}

/** `` `a' and `b' ``, also with commas. */
function files(text: string): ToldDefinition[] {
  const named = [...text.matchAll(new RegExp(quoted, "g"))].map(([, file = ""]) => ({ file }));
  return named.length > 0 ? named : text.split(/ and |, /).map((file) => ({ file: file.trim() }));
}

function outdent(text: string): string {
  const lines = text.replace(/^\n/, "").split("\n");
  const indents = lines.filter((line) => line.trim() !== "").map((line) => line.search(/\S/));
  const least = Math.min(...indents, 80);
  return lines
    .map((line) => line.slice(least))
    .join("\n")
    .trim();
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
