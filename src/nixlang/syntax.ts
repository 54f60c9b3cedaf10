/** What the printer has to know about expressions to lay them out: which begin where they are put, which are words, which simple. */
import { level, levelOf, operators } from "./levels.ts";
import { isIdentifier } from "./names.ts";
import { printFloat, printInt } from "./numbers.ts";
import { oneLine, type Piece, quoted, suitsIndented } from "./strings.ts";
import type {
  NixApply,
  NixAttrs,
  NixBinary,
  NixBinding,
  NixExpr,
  NixKey,
  NixParam,
  NixRaw,
  NixSelect,
  NixString,
} from "./tree.ts";

/** An expression as it stands: in parentheses or not. */
export type Syntax = NixExpr | { readonly kind: "paren"; readonly inner: NixExpr };

export type Term = Exclude<NixExpr, { kind: "lambda" | "let" | "if" | "with" | "apply" | "binary" | "has" | "unary" }>;

/** In parentheses where the place binds tighter. */
export function at(expr: NixExpr, place: number): Syntax {
  return levelOf(expr) < place ? { kind: "paren", inner: expr } : expr;
}

/** Terms that begin on the line they are given, wherever they end: `{`, `[`, `''`. */
export function isAbsorbable(expr: Syntax): expr is Term {
  switch (expr.kind) {
    case "string":
      return isIndented(expr);
    case "attrs":
      return expr.entries.length > 0;
    case "list":
      return expr.items.length > 0;
    case "raw":
      return closesItself(expr);
    default:
      return false;
  }
}

/** The same for expressions: lambdas with plain parameters count by their body. */
export function isAbsorbableExpr(expr: Syntax): boolean {
  if (isAbsorbable(expr)) return true;
  if (expr.kind === "with") return isAbsorbable(expr.body);
  if (expr.kind !== "lambda" || expr.param.kind !== "name") return false;
  return expr.body.kind === "lambda" ? isAbsorbableExpr(expr.body) : isAbsorbable(expr.body);
}

/** Strings, paths, names, numbers, and short calls of these: what is not worth a line of its own. */
export function isSimple(expr: Syntax): boolean {
  switch (expr.kind) {
    case "string":
    case "path":
    case "identifier":
    case "bool":
    case "null":
      return true;
    case "int":
    case "float":
      return levelOf(expr) === level.atom;
    case "select":
      return expr.fallback === undefined && expr.keys.every(isPlainKey) && isSimple(at(expr.base, level.atom));
    case "paren":
      return isSimple(expr.inner);
    case "apply":
      return isSimpleCall(flattened(expr));
    default:
      return false;
  }
}

export function isSimpleCall({ fn, args }: Call): boolean {
  return args.length <= 2 && isSimple(at(fn, level.apply)) && args.every(isSimple);
}

export function isPlainKey(key: NixKey): boolean {
  return typeof key === "string" && isIdentifier(key);
}

/** An expression that is one word: no place in it can be broken. */
export function word(expr: NixExpr): string | undefined {
  switch (expr.kind) {
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
    case "string":
      return wordOfString(expr);
    case "select":
      if (expr.base.kind !== "identifier" || expr.fallback !== undefined) return undefined;
      return isStatic(expr.keys) ? `${expr.base.name}.${expr.keys.map(keyText).join(".")}` : undefined;
    default:
      return undefined;
  }
}

export function isStatic(keys: readonly NixKey[]): keys is readonly string[] {
  return keys.every((key) => typeof key === "string");
}

export function keyText(name: string): string {
  return isIdentifier(name) ? name : quoted([{ text: name }]);
}

/** `(a.b).c` is `a.b.c`. */
export function joinedSelect(expr: NixSelect): Omit<NixSelect, "base"> & { readonly base: Syntax } {
  const { base } = expr;
  if (base.kind === "select" && base.fallback === undefined)
    return joinedSelect({ ...expr, base: base.base, keys: [...base.keys, ...expr.keys] });
  return { ...expr, base: at(base, level.atom) };
}

/** `a.b = { c = 1; }` is written `a.b.c = 1`. */
export function joinSingles(binding: NixBinding): NixBinding {
  const { value } = binding;
  if (value.kind !== "attrs" || value.recursive === true || value.entries.length !== 1) return binding;
  const [only] = value.entries;
  if (only === undefined || only.kind !== "binding" || only.comment !== undefined) return binding;
  return joinSingles({ ...binding, keys: [...binding.keys, ...only.keys], value: only.value });
}

export function isOneInherit(expr: NixAttrs): boolean {
  return expr.entries.length === 1 && expr.entries[0]?.kind === "inherit";
}

/** Up to two parameters without defaults stay on one line. */
export function isFlatPattern(param: NixParam): boolean {
  if (param.kind === "name") return true;
  return param.names.length <= 2 && param.names.every((formal) => formal.fallback === undefined);
}

/** A function and all its arguments. */
export interface Call {
  readonly fn: NixExpr;
  readonly args: readonly Syntax[];
}

export function flattened(expr: NixApply): Call {
  const inner = expr.fn.kind === "apply" ? flattened(expr.fn) : { fn: expr.fn, args: [] };
  return { fn: inner.fn, args: [...inner.args, ...expr.args.map((arg) => at(arg, level.atom))] };
}

export function sidesOf(expr: NixBinary): [Syntax, Syntax] {
  const { level: own, side } = operators[expr.operator];
  return [at(expr.left, side === "left" ? own : own + 1), at(expr.right, side === "right" ? own : own + 1)];
}

/** The operands of a chain such as `a ++ b ++ c`. */
export function operandsOf(expr: NixBinary): Syntax[] {
  return sidesOf(expr).flatMap((side) =>
    side.kind === "binary" && side.operator === expr.operator ? operandsOf(side) : [side],
  );
}

/** Whether a string is written over several lines. */
export function isIndented(expr: NixString): boolean {
  if (expr.notation === "quoted" || !expr.parts.some((part) => typeof part === "string" && part.includes("\n")))
    return false;
  const pieces = joinTexts(expr.parts).map((part): Piece => (typeof part === "string" ? { text: part } : { code: "" }));
  return suitsIndented(pieces);
}

/** Texts side by side joined, empty ones left out. */
export function joinTexts(parts: readonly (string | NixExpr)[]): readonly (string | NixExpr)[] {
  if (parts.length < 2 && parts[0] !== "") return parts;
  const joined: (string | NixExpr)[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    if (part === "") continue;
    if (typeof part === "string" && typeof last === "string") joined[joined.length - 1] = last + part;
    else joined.push(part);
  }
  return joined;
}

// --- internal ---

function wordOfString(expr: NixString): string | undefined {
  const [only = "", second] = expr.parts;
  if (second !== undefined || typeof only !== "string" || only.includes("\n")) return undefined;
  const pieces = [{ text: only }];
  return expr.notation === "quoted" ? quoted(pieces) : oneLine(pieces);
}

/** Raw text may begin where it is put when its last line closes what its first line opened, be it text or the last splice. */
function closesItself(expr: NixRaw): boolean {
  const last = expr.parts.at(-1);
  if (last !== undefined && typeof last !== "string" && isAbsorbable(last))
    return expr.parts.every((part) => typeof part !== "string" || !part.includes("\n"));
  const content = expr.parts
    .map((part) => (typeof part === "string" ? part : "x"))
    .join("")
    .trim();
  const firstLine = content.slice(0, content.indexOf("\n") + 1);
  return /(?:[[({]|'')\n/.test(firstLine) && /\n *([\])}]|'')[^\n]*$/.test(content);
}
