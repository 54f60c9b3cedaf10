/** Expressions on one line. */
import { level, levelOf, operators } from "./levels.ts";
import { isIdentifier } from "./names.ts";
import { printFloat, printInt } from "./numbers.ts";
import { scanRaw } from "./raw.ts";
import { oneLine, type Piece, quoted, suitsIndented } from "./strings.ts";
import type {
  NixApply,
  NixAttrs,
  NixBinding,
  NixEntry,
  NixExpr,
  NixKey,
  NixList,
  NixParam,
  NixRaw,
  NixString,
} from "./tree.ts";

/** The one-line form, in parentheses where its place binds tighter. Always possible, though not always pretty. */
export function inline(expr: NixExpr, place: number = level.expression): string {
  const text = bare(expr);
  return levelOf(expr) < place ? `(${text})` : text;
}

/** Whether the one-line form is what a person would write, however short it is. */
export function readsInline(expr: NixExpr): boolean {
  const known = answers.get(expr);
  if (known !== undefined) return known;
  const answer = decideInline(expr);
  answers.set(expr, answer);
  return answer;
}

/** The printer asks again at every level of a tree; trees do not change. */
const answers = new WeakMap<NixExpr, boolean>();

function decideInline(expr: NixExpr): boolean {
  switch (expr.kind) {
    case "string":
      return !isIndented(expr);
    case "list":
      return listReadsInline(expr);
    case "attrs":
      return attrsReadInline(expr);
    case "apply":
      return [expr.fn, ...expr.args].every(readsInline);
    case "select":
      return readsInline(expr.base) && (expr.fallback === undefined || readsInline(expr.fallback));
    case "has":
      return readsInline(expr.base);
    case "lambda":
      return readsInline(expr.body);
    case "let":
    case "with":
      return false;
    case "if":
      return [expr.condition, expr.whenTrue, expr.whenFalse].every(readsInline);
    case "unary":
      return readsInline(expr.operand);
    case "binary":
      return readsInline(expr.left) && readsInline(expr.right);
    case "raw":
      return expr.parts.every((part) => (typeof part === "string" ? !part.includes("\n") : readsInline(part)));
    default:
      return true;
  }
}

export function printKey(key: NixKey): string {
  if (typeof key === "string") return isIdentifier(key) ? key : quoted([{ text: key }]);
  if (key.kind !== "string") return `\${${inline(key)}}`;
  if (key.parts.every((part) => typeof part === "string")) return printKey(key.parts.join(""));
  return quoted(pieces(key));
}

export function printKeys(keys: readonly NixKey[]): string {
  return keys.map(printKey).join(".");
}

export function printParam(param: NixParam): string {
  if (param.kind === "name") return param.name;
  const names = param.names.map((formal) =>
    formal.fallback === undefined ? formal.name : `${formal.name} ? ${inline(formal.fallback)}`,
  );
  const all = param.open ? [...names, "..."] : names;
  return `${all.length === 0 ? "{ }" : `{ ${all.join(", ")} }`}${param.as === undefined ? "" : `@${param.as}`}`;
}

/** `a.b = { c = 1; }` is written `a.b.c = 1`. */
export function joinSingles(binding: NixBinding): NixBinding {
  const { value } = binding;
  if (value.kind !== "attrs" || value.recursive === true || value.entries.length !== 1) return binding;
  const [only] = value.entries;
  if (only === undefined || only.kind !== "binding" || only.comment !== undefined) return binding;
  return joinSingles({ ...binding, keys: [...binding.keys, ...only.keys], value: only.value });
}

/** Whether a string is written over several lines. */
export function isIndented(expr: NixString): boolean {
  return expr.notation !== "quoted" && suitsIndented(pieces(expr));
}

/** The pieces of a string; its expressions are printed on one line unless told otherwise. */
export function pieces(expr: NixString, printCode: (part: NixExpr) => string = inline): Piece[] {
  return joinTexts(expr.parts).map((part) => (typeof part === "string" ? { text: part } : { code: printCode(part) }));
}

/** The pieces of raw text as they will stand, one for each part. */
export function rawPieces(expr: NixRaw): string[] {
  const { places } = scanRaw(expr.parts);
  let next = 0;
  return expr.parts.map((part) => {
    if (typeof part === "string") return part;
    const place = places[next++];
    if (place === "code") return inline(part, level.atom);
    if (place === "name" && part.kind === "string") return printKey(part);
    return part.kind === "string" && place === "string" ? stringInString(part) : `\${${inline(part)}}`;
  });
}

/** A small record among the items of a list, such as `{ addr = "::"; port = 80; }`. */
export function isRow(expr: NixExpr): boolean {
  if (expr.kind !== "attrs" || expr.recursive === true || expr.entries.length > 3) return false;
  return expr.entries.every(
    (entry) =>
      entry.kind === "binding" && entry.comment === undefined && isShort(entry.value) && readsInline(entry.value),
  );
}

// --- internal ---

function bare(expr: NixExpr): string {
  switch (expr.kind) {
    case "string":
      return expr.notation === "quoted" ? quoted(pieces(expr)) : oneLine(pieces(expr));
    case "int":
      return printInt(expr.value);
    case "float":
      return printFloat(expr.value);
    case "bool":
      return String(expr.value);
    case "null":
      return "null";
    case "path":
      return expr.text;
    case "identifier":
      return expr.name;
    case "list":
      return expr.items.length === 0 ? "[ ]" : `[ ${expr.items.map((item) => inline(item, level.atom)).join(" ")} ]`;
    case "attrs":
      return `${expr.recursive === true ? "rec " : ""}${braces(expr.entries)}`;
    case "select":
      return `${inline(expr.base, level.atom)}.${printKeys(expr.keys)}${expr.fallback === undefined ? "" : ` or ${inline(expr.fallback, level.atom)}`}`;
    case "has":
      return `${inline(expr.base, level.negate)} ? ${printKeys(expr.keys)}`;
    case "apply":
      return inlineApply(expr);
    case "lambda":
      return `${printParam(expr.param)}: ${inline(expr.body)}`;
    case "let":
      return `let ${expr.entries.map(inlineEntry).join(" ")} in ${inline(expr.body)}`;
    case "if":
      return `if ${inline(expr.condition)} then ${inline(expr.whenTrue)} else ${inline(expr.whenFalse)}`;
    case "with":
      return `with ${inline(expr.scope)}; ${inline(expr.body)}`;
    case "unary":
      return `${expr.operator}${inline(expr.operand, expr.operator === "!" ? level.not : level.negate)}`;
    case "binary": {
      const { level: own, side } = operators[expr.operator];
      return `${inline(expr.left, side === "left" ? own : own + 1)} ${expr.operator} ${inline(expr.right, side === "right" ? own : own + 1)}`;
    }
    case "raw":
      return rawPieces(expr).join("").trim();
    default:
      return expr satisfies never;
  }
}

function inlineApply(expr: NixApply): string {
  if (expr.args.length === 0) return inline(expr.fn);
  return [inline(expr.fn, level.apply), ...expr.args.map((arg) => inline(arg, level.atom))].join(" ");
}

function braces(entries: readonly NixEntry[]): string {
  return entries.length === 0 ? "{ }" : `{ ${entries.map(inlineEntry).join(" ")} }`;
}

function inlineEntry(entry: NixEntry): string {
  if (entry.kind === "inherit")
    return `inherit ${entry.from === undefined ? "" : `(${inline(entry.from)}) `}${entry.names.map((name) => printKey(name)).join(" ")};`;
  const joined = joinSingles(entry);
  return `${printKeys(joined.keys)} = ${inline(joined.value)};`;
}

function listReadsInline(expr: NixList): boolean {
  const [only] = expr.items;
  if (expr.items.length < 2) return only === undefined || isRow(only) || readsInline(only);
  return expr.items.every((item) => isShort(item) && readsInline(item));
}

function attrsReadInline(expr: NixAttrs): boolean {
  if (expr.spaced === true || expr.entries.length > 1) return false;
  return expr.entries.every(
    (entry) => entry.kind === "inherit" || (entry.comment === undefined && readsInline(entry.value)),
  );
}

/** What may share a line with its neighbours in a list. */
function isShort(expr: NixExpr): boolean {
  return (
    ["string", "int", "float", "bool", "null", "identifier"].includes(expr.kind) ||
    (expr.kind === "select" && isShort(expr.base))
  );
}

function joinTexts(parts: readonly (string | NixExpr)[]): (string | NixExpr)[] {
  const joined: (string | NixExpr)[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    if (part === "") continue;
    if (typeof part === "string" && typeof last === "string") joined[joined.length - 1] = last + part;
    else joined.push(part);
  }
  return joined;
}

/** A literal inside a string of raw text: an antiquotation of its own keeps it apart from the notation around it. */
function stringInString(part: NixString): string {
  return `\${${quoted(pieces(part))}}`;
}
