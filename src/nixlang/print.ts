/**
 * Trees to text, in the manner of nixfmt (RFC 166): two columns a level, a hundred columns a line, single keys joined with
 * dots, parentheses only where Nix needs them. The same tree always gives the same bytes.
 */
import {
  inline,
  isIndented,
  isRow,
  joinSingles,
  pieces,
  printKey,
  printKeys,
  printParam,
  rawPieces,
  readsInline,
} from "./inline.ts";
import { level, levelOf, operators } from "./levels.ts";
import { scanRaw } from "./raw.ts";
import { indented } from "./strings.ts";
import type {
  NixApply,
  NixAttrs,
  NixBinary,
  NixBinding,
  NixEntry,
  NixExpr,
  NixLambda,
  NixLet,
  NixRaw,
  NixString,
} from "./tree.ts";

const width = 100;

/** Where an expression begins, and what it has to leave room for. */
interface Place {
  /** The columns that the line's own indentation takes. */
  readonly indent: number;
  readonly column: number;
  /** Characters that follow on the last line, such as `;`. */
  readonly reserve: number;
  readonly level: number;
}

export interface PrintOptions {
  /** Lines above the expression, each without its `# `. */
  readonly header?: readonly string[];
}

/** A whole file, with a newline at its end. Throws SynthError for numbers and raw text that cannot be Nix. */
export function printFile(expr: NixExpr, options: PrintOptions = {}): string {
  const header = (options.header ?? []).map((line) => `# ${line}\n`).join("");
  return `${header}${layout(spaceOutermost(expr), start, true)}\n`;
}

/** One expression, for messages and for tests. */
export function printExpr(expr: NixExpr): string {
  return layout(expr, start);
}

// --- internal ---

const start: Place = { indent: 0, column: 0, reserve: 0, level: level.expression };

function spaceOutermost(expr: NixExpr): NixExpr {
  if (expr.kind === "attrs") return { ...expr, spaced: true };
  if (expr.kind === "lambda") return { ...expr, body: spaceOutermost(expr.body) };
  if (expr.kind === "let") return { ...expr, body: spaceOutermost(expr.body) };
  return expr;
}

function pad(columns: number): string {
  return " ".repeat(columns);
}

function layout(expr: NixExpr, place: Place, outermost = false): string {
  if (readsInline(expr)) {
    const line = inline(expr, place.level);
    if (place.column + line.length + place.reserve <= width) return line;
  }
  if (levelOf(expr) >= place.level) return broken(expr, place, outermost);
  if (absorbs(expr))
    return `(${broken(expr, { ...place, column: place.column + 1, reserve: place.reserve + 1, level: level.expression })})`;
  return `(${onOwnLine(expr, place)}\n${pad(place.indent)})`;
}

/** A line break, then the expression two columns further in. */
function onOwnLine(expr: NixExpr, place: Place): string {
  const indent = place.indent + 2;
  return `\n${pad(indent)}${layout(expr, { indent, column: indent, reserve: place.reserve, level: level.expression })}`;
}

/** Whether the broken form begins on the line it is given, with its end at that line's indentation: `{`, `[`, `''`, `f x {`. */
function absorbs(expr: NixExpr): boolean {
  switch (expr.kind) {
    case "attrs":
      return expr.entries.length > 0;
    case "list":
      return expr.items.length > 0;
    case "string":
      return isIndented(expr);
    case "lambda":
      return expr.param.kind === "name" && (expr.body.kind !== "apply" || readsInline(expr.body)) && absorbs(expr.body);
    case "apply": {
      const last = expr.args.at(-1);
      return last !== undefined && absorbs(last) && [expr.fn, ...expr.args.slice(0, -1)].every(readsInline);
    }
    case "raw":
      return closesItself(expr);
    default:
      return false;
  }
}

function broken(expr: NixExpr, place: Place, outermost: boolean = false): string {
  switch (expr.kind) {
    case "string":
      return brokenString(expr, place);
    case "list":
      return brokenList(expr.items, place);
    case "attrs":
      return brokenAttrs(expr, place);
    case "apply":
      return brokenApply(expr, place);
    case "lambda":
      return brokenLambda(expr, place, outermost);
    case "let":
      return brokenLet(expr, place);
    case "if":
      return brokenIf(expr, place);
    case "with":
      return `with ${inline(expr.scope)};\n${pad(place.indent)}${layout(expr.body, { ...place, column: place.indent, level: level.expression })}`;
    case "unary":
      return `${expr.operator}${layout(expr.operand, { ...place, column: place.column + 1, level: levelOf(expr) })}`;
    case "binary":
      return brokenBinary(expr, place);
    case "select": {
      const fallback = expr.fallback === undefined ? "" : ` or ${inline(expr.fallback, level.atom)}`;
      const rest = `.${printKeys(expr.keys)}${fallback}`;
      return `${layout(expr.base, { ...place, level: level.atom, reserve: place.reserve + rest.length })}${rest}`;
    }
    case "raw":
      return brokenRaw(expr, place);
    default:
      return inline(expr);
  }
}

/** In a text of several lines an expression may take several lines too; its column does not matter to anybody. */
function brokenString(expr: NixString, place: Place): string {
  if (!isIndented(expr)) return inline(expr);
  const indent = place.indent + 2;
  const printCode = (part: NixExpr): string =>
    readsInline(part) ? inline(part) : layout(part, { indent, column: indent, reserve: 0, level: level.expression });
  return indented(pieces(expr, printCode), place.indent);
}

function brokenList(items: readonly NixExpr[], place: Place): string {
  if (items.length === 0) return "[ ]";
  const indent = place.indent + 2;
  // Sets of one list look alike: all on a line each, or none.
  const rows = items.every((item) => item.kind !== "attrs" || (isRow(item) && indent + inline(item).length <= width));
  const lines = items.map((item) => {
    const text =
      rows && item.kind === "attrs"
        ? inline(item)
        : layout(item, { indent, column: indent, reserve: 0, level: level.atom });
    return `${pad(indent)}${text}\n`;
  });
  return `[\n${lines.join("")}${pad(place.indent)}]`;
}

function brokenAttrs(expr: NixAttrs, place: Place): string {
  if (expr.entries.length === 0) return "{ }";
  const head = expr.recursive === true ? "rec {" : "{";
  return `${head}\n${entries(expr.entries, place.indent + 2, expr.spaced === true)}${pad(place.indent)}}`;
}

function entries(all: readonly NixEntry[], indent: number, spaced: boolean): string {
  let out = "";
  let previous: { readonly tall: boolean; readonly apart: boolean } | undefined;
  for (const item of all) {
    const text = entry(item, indent);
    const comment =
      item.kind === "binding" ? (item.comment ?? []).map((line) => `${pad(indent)}# ${line}\n`).join("") : "";
    const tall = text.includes("\n");
    if (previous !== undefined && (previous.apart || (spaced && (tall || previous.tall || comment !== ""))))
      out += "\n";
    out += `${comment}${text}\n`;
    previous = { tall, apart: item.kind === "binding" && item.apart === true };
  }
  return out;
}

function entry(item: NixEntry, indent: number): string {
  if (item.kind === "inherit") {
    const from = item.from === undefined ? "" : ` (${inline(item.from)})`;
    const names = item.names.map((name) => printKey(name));
    const line = `${pad(indent)}inherit${from} ${names.join(" ")};`;
    if (line.length <= width) return line;
    return `${pad(indent)}inherit${from}\n${names.map((name) => `${pad(indent + 2)}${name}\n`).join("")}${pad(indent + 2)};`;
  }
  return `${pad(indent)}${binding(joinSingles(item), indent)};`;
}

function binding(item: NixBinding, indent: number): string {
  const head = `${printKeys(item.keys)} =`;
  const place: Place = { indent, column: indent + head.length + 1, reserve: 1, level: level.expression };
  const line = readsInline(item.value) ? inline(item.value) : undefined;
  if (line !== undefined && place.column + line.length + 1 <= width) return `${head} ${line}`;
  if (absorbs(item.value)) return `${head} ${broken(item.value, place)}`;
  return `${head}${onOwnLine(item.value, place)}`;
}

function brokenApply(expr: NixApply, place: Place): string {
  if (expr.args.length === 0) return layout(expr.fn, place);
  const last = expr.args.at(-1);
  if (last !== undefined && absorbs(expr)) {
    const head = `${[inline(expr.fn, level.apply), ...expr.args.slice(0, -1).map((arg) => inline(arg, level.atom))].join(" ")} `;
    if (place.column + head.length < width)
      return `${head}${layout(last, { ...place, column: place.column + head.length, level: level.atom })}`;
  }
  const indent = place.indent + 2;
  const args = expr.args.map(
    (arg) => `\n${pad(indent)}${layout(arg, { indent, column: indent, reserve: place.reserve, level: level.atom })}`,
  );
  return `${layout(expr.fn, { ...place, level: level.apply, reserve: 0 })}${args.join("")}`;
}

function brokenLambda(expr: NixLambda, place: Place, outermost: boolean): string {
  const head = `${printParam(expr.param)}:`;
  if (expr.param.kind === "name") {
    if (absorbs(expr.body) && expr.body.kind !== "apply")
      return `${head} ${layout(expr.body, { ...place, column: place.column + head.length + 1 })}`;
    if (expr.body.kind === "lambda" && expr.body.param.kind === "name")
      return `${head} ${brokenLambda(expr.body, { ...place, column: place.column + head.length + 1 }, outermost)}`;
  }
  const gap = outermost ? "\n\n" : "\n";
  return `${head}${gap}${pad(place.indent)}${layout(expr.body, { ...place, column: place.indent, level: level.expression }, outermost)}`;
}

function brokenLet(expr: NixLet, place: Place): string {
  const body = layout(expr.body, { ...place, column: place.indent, level: level.expression });
  return `let\n${entries(expr.entries, place.indent + 2, true)}${pad(place.indent)}in\n${pad(place.indent)}${body}`;
}

function brokenIf(expr: Extract<NixExpr, { kind: "if" }>, place: Place): string {
  const condition = layout(expr.condition, { ...place, column: place.column + 3, reserve: 5, level: level.expression });
  return `if ${condition} then${onOwnLine(expr.whenTrue, { ...place, reserve: 0 })}\n${pad(place.indent)}else${onOwnLine(expr.whenFalse, place)}`;
}

function brokenBinary(expr: NixBinary, place: Place): string {
  const [first, ...rest] = operands(expr);
  if (first === undefined) return inline(expr);
  const head = `${expr.operator} `;
  const lines = rest.map((operand) => {
    const column = place.indent + head.length;
    return `\n${pad(place.indent)}${head}${layout(operand.expr, { ...place, column, level: operand.level })}`;
  });
  return `${layout(first.expr, { ...place, reserve: 0, level: first.level })}${lines.join("")}`;
}

/** The operands of a chain such as `a ++ b ++ c`, each with the level of its place. */
function operands(expr: NixBinary): { readonly expr: NixExpr; readonly level: number }[] {
  const { level: own, side } = operators[expr.operator];
  const open = (child: NixExpr, isInner: boolean): { readonly expr: NixExpr; readonly level: number }[] => {
    if (isInner && child.kind === "binary" && child.operator === expr.operator) return operands(child);
    return [{ expr: child, level: isInner ? own : own + 1 }];
  };
  return [...open(expr.left, side === "left"), ...open(expr.right, side === "right")];
}

/** The user's own lines, moved to where they stand now; what is inside a `"..."` stays where it was. */
function brokenRaw(expr: NixRaw, place: Place): string {
  const { fixedBreaks } = scanRaw(expr.parts);
  const texts = rawPieces(expr);
  const moved = expr.parts.map((part, index) => {
    if (typeof part !== "string") return texts[index] ?? "";
    return part.replace(/\n(?!\n)/g, (found, offset: number) =>
      fixedBreaks[index]?.has(offset) === true ? found : `\n${pad(place.indent)}`,
    );
  });
  return moved.join("").trim();
}

/** Raw text may begin after `=` when its last line closes what its first line opened. */
function closesItself(expr: NixRaw): boolean {
  const text = expr.parts
    .map((part) => (typeof part === "string" ? part : "x"))
    .join("")
    .trim();
  return !text.includes("\n") || /\n *([\])}]|'')[^\n]*$/.test(text);
}
