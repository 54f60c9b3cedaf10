/** Expressions as documents, by the rules of nixfmt. */
import {
  type Doc,
  emptyLine,
  group,
  hardLine,
  hardSpace,
  join,
  line,
  lineOrNothing,
  nest,
  newline,
  offsetBy,
  onOneLine,
  softBreak,
  softSpace,
  surround,
  text,
  trailing,
} from "./doc.ts";
import { withInherits } from "./inherits.ts";
import { level, levelOf, operators } from "./levels.ts";
import { isIdentifier } from "./names.ts";
import { printFloat, printInt } from "./numbers.ts";
import { scanRaw } from "./raw.ts";
import { indentedLines, oneLine, type Piece, quoted, suitsIndented } from "./strings.ts";
import type {
  NixApply,
  NixAttrs,
  NixBinary,
  NixBinding,
  NixEntry,
  NixExpr,
  NixIf,
  NixKey,
  NixLambda,
  NixList,
  NixParam,
  NixRaw,
  NixSelect,
  NixString,
} from "./tree.ts";

/** What is printed: an expression, one in parentheses, or the pattern of a lambda alone. */
export type Printable = NixExpr | Paren | { readonly kind: "pattern"; readonly param: NixParam };
interface Paren {
  readonly kind: "paren";
  readonly inner: NixExpr;
}
type Syntax = NixExpr | Paren;

/** The document of an expression; its groups are not yet laid out. */
export function printed(expr: Printable): Doc {
  switch (expr.kind) {
    case "paren":
      return printParen(expr.inner);
    case "pattern":
      return printParam(expr.param);
    case "list":
      return group(printList(expr));
    case "lambda":
      return printLambda(expr);
    case "let":
      return [
        ...group([...text("let"), ...hardLine, ...nest(() => printEntries(expr.entries, expr.spaced === true))]),
        ...hardLine,
        ...group([...text("in"), ...hardLine, ...printed(expr.body)]),
      ];
    case "if":
      return group(printIf(expr, line));
    case "with":
      return printWith(expr);
    case "apply":
      return printApply(flattened(expr), {});
    case "binary":
      return printBinary(expr);
    case "has":
      return [
        ...printed(at(expr.base, level.negate)),
        ...softSpace,
        ...text("?"),
        ...hardSpace,
        ...printKeys(expr.keys),
      ];
    case "unary":
      return [...text(expr.operator), ...printed(at(expr.operand, expr.operator === "!" ? level.not : level.negate))];
    default:
      return printTerm(expr);
  }
}

// --- internal ---

type Term = Exclude<NixExpr, { kind: "lambda" | "let" | "if" | "with" | "apply" | "binary" | "has" | "unary" }>;

/** In parentheses where the place binds tighter. */
function at(expr: NixExpr, place: number): Syntax {
  return levelOf(expr) < place ? { kind: "paren", inner: expr } : expr;
}

/** A term, without a group around it. */
function printTerm(expr: Term, isWide = false): Doc {
  switch (expr.kind) {
    case "string":
      return printString(expr);
    case "int":
      return text(printInt(expr.value));
    case "float":
      return text(printFloat(expr.value));
    case "bool":
      return text(String(expr.value));
    case "null":
      return text("null");
    case "path":
      return text(expr.text);
    case "identifier":
      return text(expr.name);
    case "list":
      return printList(expr);
    case "attrs":
      return printAttrs(expr, isWide);
    case "select": {
      const { base, keys, fallback } = joinedSelect(expr);
      return [
        ...printed(base),
        ...gapAfter(base),
        ...text("."),
        ...printKeys(keys),
        ...(fallback === undefined
          ? []
          : [...softSpace, ...nest(() => [...text("or"), ...hardSpace, ...printed(at(fallback, level.atom))])]),
      ];
    }
    case "raw":
      return printRaw(expr);
    default:
      return expr satisfies never;
  }
}

/** `(a.b).c` is `a.b.c`. */
function joinedSelect(expr: NixSelect): Omit<NixSelect, "base"> & { readonly base: Syntax } {
  const { base } = expr;
  if (base.kind === "select" && base.fallback === undefined)
    return joinedSelect({ ...expr, base: base.base, keys: [...base.keys, ...expr.keys] });
  return { ...expr, base: at(base, level.atom) };
}

function gapAfter(base: Syntax): Doc {
  if (base.kind === "identifier" || base.kind === "bool" || base.kind === "null") return [];
  // Nix would read `1.a` as the number `1.` and a name.
  if (base.kind === "int" || base.kind === "float") return hardSpace;
  return base.kind === "paren" ? softBreak : lineOrNothing;
}

/** Terms that begin on the line they are given, wherever they end: `{`, `[`, `''`. */
function isAbsorbable(expr: Syntax): boolean {
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
function isAbsorbableExpr(expr: Syntax): boolean {
  if (isAbsorbable(expr)) return true;
  if (expr.kind === "with") return isAbsorbable(expr.body);
  if (expr.kind !== "lambda" || expr.param.kind !== "name") return false;
  return expr.body.kind === "lambda" ? isAbsorbableExpr(expr.body) : isAbsorbable(expr.body);
}

/** As the value of a binding or the body of a lambda; wide sets are broken whatever fits. */
function absorbed(expr: Syntax, isWide: boolean): Doc {
  if (isAbsorbable(expr)) return printTerm(expr as Term, isWide);
  if (expr.kind === "with" && isAbsorbable(expr.body))
    return group([
      ...lineOrNothing,
      ...text("with"),
      ...hardSpace,
      ...nest(() => group(printed(expr.scope))),
      ...text(";"),
      ...hardSpace,
      ...group(printTerm(expr.body as Term, true), "priority"),
    ]);
  return printed(expr);
}

/** Strings, paths, names, numbers, and short calls of these: what is not worth a line of its own. */
function isSimple(expr: Syntax): boolean {
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
    case "apply": {
      const { fn, args } = flattened(expr);
      return args.length <= 2 && isSimple(at(fn, level.apply)) && args.every(isSimple);
    }
    default:
      return false;
  }
}

function isPlainKey(key: NixKey): boolean {
  return typeof key === "string" && isIdentifier(key);
}

// Parentheses.

function printParen(inner: NixExpr): Doc {
  return group([...text("("), ...nest(() => parenBody(inner)), ...text(")")]);
}

function parenBody(inner: NixExpr): Doc {
  if (isAbsorbableExpr(inner)) return group(absorbed(inner, false));
  if (inner.kind === "apply") return printApply(flattened(inner), { isInParens: true });
  if (inner.kind === "select") {
    const whole = [...group(printed(inner)), ...lineOrNothing];
    return isAbsorbable(at(inner.base, level.atom)) ? [...lineOrNothing, ...whole] : whole;
  }
  return [...lineOrNothing, ...group(printed(inner)), ...lineOrNothing];
}

/** As the value of a binding or as a last argument. */
function absorbedParen(inner: NixExpr): Doc {
  return group(
    nest(() => [...text("("), ...surround(lineOrNothing, group(nest(() => printed(inner)))), ...text(")")]),
    "priority",
  );
}

// Sets, lists and bindings.

function printAttrs(expr: NixAttrs, isWide: boolean): Doc {
  const head = expr.recursive === true ? "rec {" : "{";
  if (expr.entries.length === 0) return text(`${head} }`);
  const edge = isWide || expr.spaced === true ? hardLine : line;
  return [
    ...text(head),
    ...surround(
      edge,
      nest(() =>
        printEntries(expr.recursive === true ? expr.entries : withInherits(expr.entries), expr.spaced === true),
      ),
    ),
    ...text("}"),
  ];
}

/** With blank lines around what takes several lines, where that is wanted. */
function printEntries(entries: readonly NixEntry[], spaced: boolean): Doc {
  const docs = entries.map((entry) => group(printEntry(entry)));
  const isTall = entries.map((entry, index) => spaced && takesLines(entry, docs[index] ?? []));
  return entries.flatMap((entry, index) => {
    const comment = commentOf(entry).flatMap((each) => [...text(`# ${each}`), ...hardLine]);
    const before = entries[index - 1];
    const isApart =
      before !== undefined &&
      ((before.kind === "binding" && before.apart === true) ||
        (spaced && (isTall[index] === true || isTall[index - 1] === true || comment.length > 0)));
    const gap = before === undefined ? [] : isApart ? emptyLine : hardLine;
    return [...gap, ...comment, ...(docs[index] ?? [])];
  });
}

function commentOf(entry: NixEntry): readonly string[] {
  return entry.kind === "binding" ? (entry.comment ?? []) : [];
}

/** Whether an entry of a file's outermost set stands on several lines: it must, or is too long for one. */
function takesLines(entry: NixEntry, doc: Doc): boolean {
  const flat = onOneLine(doc);
  if (flat === undefined) return true;
  const value = entry.kind === "binding" ? joinSingles(entry).value : undefined;
  if (value?.kind === "attrs" && value.entries.length > 0 && !isOneInherit(value)) return true;
  return flat.reduce((sum, part) => sum + (part.kind === "text" ? part.text.length : 1), 0) > 100;
}

function isOneInherit(expr: NixAttrs): boolean {
  return expr.entries.length === 1 && expr.entries[0]?.kind === "inherit";
}

function printEntry(entry: NixEntry): Doc {
  if (entry.kind === "binding") return printBinding(joinSingles(entry));
  const isFew = entry.names.length < 4;
  const gap = isFew ? line : hardLine;
  const names = (): Doc =>
    join(
      gap,
      entry.names.map((name) => text(keyText(name))),
    );
  const rest = (): Doc => [...gap, ...names(), ...(isFew ? lineOrNothing : hardLine), ...text(";")];
  const { from } = entry;
  const source =
    from === undefined ? (): Doc => [] : (): Doc => group([...line, ...printed({ kind: "paren", inner: from })]);
  return group([...text("inherit"), ...nest(() => [...source(), ...rest()])]);
}

/** `a.b = { c = 1; }` is written `a.b.c = 1`. */
function joinSingles(binding: NixBinding): NixBinding {
  const { value } = binding;
  if (value.kind !== "attrs" || value.recursive === true || value.entries.length !== 1) return binding;
  const [only] = value.entries;
  if (only === undefined || only.kind !== "binding" || only.comment !== undefined) return binding;
  return joinSingles({ ...binding, keys: [...binding.keys, ...only.keys], value: only.value });
}

function printBinding({ keys, value }: NixBinding): Doc {
  return group([
    ...printKeys(keys),
    ...nest(() => [
      ...hardSpace,
      ...text("="),
      ...(keys.length <= 4 && keys.every(isPlainKey)
        ? printValue(value)
        : [...lineOrNothing, ...group(printValue(value), "priority")]),
    ]),
    ...text(";"),
  ]);
}

/** What stands after `=`, or after the `?` of a default. */
function printValue(value: NixExpr): Doc {
  if (value.kind === "attrs" && isOneInherit(value))
    return nest(() => [...hardSpace, ...group(absorbed(value, false))]);
  if (isAbsorbableExpr(value)) return nest(() => [...hardSpace, ...group(absorbed(value, true))]);
  switch (value.kind) {
    case "string":
    case "path":
      return nest(() => [...hardSpace, ...group(printed(value))]);
    case "apply":
      return nest(() => printApply(flattened(value), { before: line }));
    case "binary":
      return printOperationValue(value);
    case "with":
    case "select":
    case "raw":
      return nest(() => group([...line, ...printed(value)]));
    default:
      return nest(() => [...line, ...group(printed(value))]);
  }
}

/** `//`, `++` and `+` are more compact than other operators when one side is a set or list. */
function printOperationValue(value: NixBinary): Doc {
  const isJoin = ["//", "++", "+"].includes(value.operator);
  const [left, right] = sidesOf(value);
  if (isJoin && isAbsorbable(left)) return [...hardSpace, ...printBinary(value, true)];
  if (isJoin && isAbsorbable(right))
    return nest(() =>
      group([
        ...line,
        ...printed(left),
        ...line,
        ...group(
          [...text(value.operator), ...hardSpace, ...group(printTerm(right as Term, true), "priority")],
          "transparent",
        ),
      ]),
    );
  return nest(() => [...line, ...group(printed(value))]);
}

function printList(expr: NixList, separator: Doc = hardLine): Doc {
  if (expr.items.length === 0) return text("[ ]");
  return [
    ...text("["),
    ...surround(
      line,
      nest(() =>
        join(
          separator,
          expr.items.map((item) => group(printed(at(item, level.atom)))),
        ),
      ),
    ),
    ...text("]"),
  ];
}

function printKeys(keys: readonly NixKey[]): Doc {
  return keys.flatMap((key, index) => [...(index === 0 ? [] : text(".")), ...printKey(key)]);
}

function printKey(key: NixKey): Doc {
  if (typeof key === "string") return text(keyText(key));
  if (key.kind !== "string") return interpolation(key);
  if (key.parts.every((part) => typeof part === "string")) return text(keyText(key.parts.join("")));
  return printQuoted(key);
}

function keyText(name: string): string {
  return isIdentifier(name) ? name : quoted([{ text: name }]);
}

// Functions.

/** Up to two parameters without defaults stay on one line. */
function isFlatPattern(param: NixParam): boolean {
  return (
    param.kind === "name" || (param.names.length <= 2 && param.names.every((formal) => formal.fallback === undefined))
  );
}

function printParam(param: NixParam): Doc {
  if (param.kind === "name") return text(param.name);
  const alias = param.as === undefined ? [] : text(`@${param.as}`);
  if (param.names.length === 0)
    return text(`${param.open ? "{ ... }" : "{ }"}${param.as === undefined ? "" : `@${param.as}`}`);
  const gap = isFlatPattern(param) ? line : hardLine;
  const last = param.names.length - 1;
  const attributes = (): Doc => {
    const formals = param.names.map(({ name, fallback }, index) => {
      const comma = index < last || param.open ? text(",") : trailing(",");
      if (fallback === undefined) return [...text(name), ...comma];
      return [
        ...group([...text(name), ...hardSpace, ...nest(() => [...text("?"), ...printValue(fallback)])]),
        ...comma,
      ];
    });
    return join(gap, [...formals, ...(param.open ? [text("...")] : [])]);
  };
  return [...group([...text("{"), ...surround(gap, nest(attributes)), ...text("}")]), ...alias];
}

function printLambda(expr: NixLambda): Doc {
  const head = [...printParam(expr.param), ...text(":")];
  if (expr.param.kind === "name") return group([...lineOrNothing, ...head, ...printBody(expr.body, 1)]);
  // The body of a module begins on a line of its own.
  if (isAbsorbableExpr(expr.body) || expr.body.kind === "let") return [...head, ...hardLine, ...printed(expr.body)];
  return [...head, ...line, ...printed(expr.body)];
}

function printBody(body: NixExpr, count: number): Doc {
  if (body.kind === "lambda" && body.param.kind === "name")
    return [...hardSpace, ...text(`${body.param.name}:`), ...printBody(body.body, count + 1)];
  if (isAbsorbableExpr(body)) return [...hardSpace, ...group(absorbed(body, false), "priority")];
  return [...(count <= 2 ? line : hardLine), ...printed(body)];
}

function printIf(expr: NixIf, edge: Doc): Doc {
  const { condition, whenTrue, whenFalse } = expr;
  return [
    ...group([...text("if"), ...line, ...nest(() => printed(condition)), ...line, ...text("then")]),
    ...surround(
      edge,
      nest(() => group(printed(whenTrue))),
    ),
    ...text("else"),
    ...(whenFalse.kind === "if"
      ? [...hardSpace, ...printIf(whenFalse, hardLine)]
      : [...line, ...nest(() => group(printed(whenFalse)))]),
  ];
}

function printWith(expr: Extract<NixExpr, { kind: "with" }>): Doc {
  return [
    ...group([...text("with"), ...hardSpace, ...nest(() => group(printed(expr.scope))), ...text(";")]),
    ...line,
    ...printed(expr.body),
  ];
}

// Calls.

interface Call {
  readonly fn: NixExpr;
  readonly args: readonly Syntax[];
}

function flattened(expr: NixApply): Call {
  const inner = expr.fn.kind === "apply" ? flattened(expr.fn) : { fn: expr.fn, args: [] };
  return { fn: inner.fn, args: [...inner.args, ...expr.args.map((arg) => at(arg, level.atom))] };
}

interface CallPlace {
  /** What stands before the call, within its group. */
  readonly before?: Doc;
  readonly isInParens?: boolean;
}

/** All on one line, or else all but the last argument, or else each argument on a line of its own. */
function printApply({ fn, args }: Call, { before = [], isInParens = false }: CallPlace): Doc {
  const last = args.at(-1);
  if (last === undefined) return printed(fn);
  const after = isInParens ? lineOrNothing : [];
  const others = args.slice(0, -1);
  const beside = others.at(-1);
  if (last.kind === "list" && beside?.kind === "list") {
    return group([
      ...before,
      ...group(printArguments(fn, others.slice(0, -1), isInParens), "transparent"),
      ...line,
      ...nest(() => group(printArgument(beside))),
      ...line,
      ...nest(() => group(printArgument(last))),
      ...after,
    ]);
  }
  const head = [...before, ...group(printArguments(fn, others, isInParens), "transparent")];
  const simple = args.length <= 2 && [at(fn, level.apply), ...args].every(isSimple) ? onOneLine(head) : undefined;
  if (simple !== undefined) return group([...simple, ...hardSpace, ...printLastArgument(last)]);
  return group([...head, ...line, ...printLastArgument(last), ...after]);
}

/** The function and all arguments but the last. */
function printArguments(fn: NixExpr, args: readonly Syntax[], isInParens: boolean): Doc {
  const last = args.at(-1);
  if (last === undefined) {
    const print = (): Doc => printed(at(fn, level.apply));
    return isInParens ? nest(() => group([...lineOrNothing, ...print()])) : print();
  }
  const others = args.slice(0, -1);
  const beside = others.at(-1);
  if (last.kind === "list" && beside?.kind === "list")
    return group(
      [
        ...group(printArguments(fn, others.slice(0, -1), isInParens), "transparent"),
        ...nest(() => group([...line, ...group(printArgument(beside)), ...line, ...group(printArgument(last))])),
      ],
      "transparent",
    );
  return [
    ...group(printArguments(fn, others, isInParens), "transparent"),
    ...line,
    ...nest(() => group(printArgument(last), last.kind === "select" ? "regular" : "priority")),
  ];
}

/** Short lists of simple things stay on a line where they can. */
function printArgument(arg: Syntax): Doc {
  if (arg.kind === "list" && arg.items.length <= 6 && arg.items.every((item) => isSimple(at(item, level.atom))))
    return printList(arg, line);
  return printed(arg);
}

function printLastArgument(arg: Syntax): Doc {
  if (isAbsorbable(arg))
    return group(
      nest(() => printTerm(arg as Term)),
      "priority",
    );
  if (arg.kind !== "paren") return group(nest(() => printed(arg)));
  const { inner } = arg;
  if (inner.kind === "lambda" && inner.param.kind === "name" && isAbsorbable(inner.body))
    return attached(`${inner.param.name}:`, inner.body as Term);
  if (inner.kind === "apply" && inner.fn.kind === "identifier" && inner.args.length === 1) {
    const [only] = inner.args;
    if (only !== undefined && isAbsorbable(at(only, level.atom))) return attached(inner.fn.name, only as Term);
  }
  return absorbedParen(inner);
}

/** `(x: {`, `(f {`. */
function attached(head: string, body: Term): Doc {
  return group(
    nest(() => [...text(`(${head}`), ...hardSpace, ...printTerm(body, true), ...text(")")]),
    "priority",
  );
}

// Operators.

function sidesOf(expr: NixBinary): [Syntax, Syntax] {
  const { level: own, side } = operators[expr.operator];
  return [at(expr.left, side === "left" ? own : own + 1), at(expr.right, side === "right" ? own : own + 1)];
}

const comparisons: ReadonlySet<string> = new Set(["<", ">", "<=", ">=", "==", "!="]);

function printBinary(expr: NixBinary, isFirstWide = false): Doc {
  if (comparisons.has(expr.operator)) {
    const [left, right] = sidesOf(expr);
    return [...printed(left), ...softSpace, ...text(expr.operator), ...hardSpace, ...printed(right)];
  }
  const [first, ...others] = operandsOf(expr);
  if (first === undefined) return [];
  return group([
    ...(isFirstWide && isAbsorbable(first) ? printTerm(first as Term, true) : printed(first)),
    ...others.flatMap((operand) => [...line, ...text(expr.operator), ...nest(() => printOperand(operand))]),
  ]);
}

/** Every operand but the first. */
function printOperand(operand: Syntax): Doc {
  if (operand.kind === "binary") return group([...line, ...printed(operand)]);
  if (operand.kind === "apply") return group([...hardSpace, ...printApply(flattened(operand), { before: line })]);
  return [...hardSpace, ...printed(operand)];
}

/** The operands of a chain such as `a ++ b ++ c`. */
function operandsOf(expr: NixBinary): Syntax[] {
  return sidesOf(expr).flatMap((side) =>
    side.kind === "binary" && side.operator === expr.operator ? operandsOf(side) : [side],
  );
}

// Strings.

/** Whether a string is written over several lines. */
function isIndented(expr: NixString): boolean {
  return expr.notation !== "quoted" && suitsIndented(flatPieces(expr));
}

/** The pieces as they would stand on one line, for what only looks at the text. */
function flatPieces(expr: NixString): Piece[] {
  return joinTexts(expr.parts).map((part) => (typeof part === "string" ? { text: part } : { code: "" }));
}

function printString(expr: NixString): Doc {
  if (!isIndented(expr)) return printQuoted(expr);
  const lines = indentedLines(joinTexts(expr.parts), (part) => typeof part === "string");
  return group([
    ...text("''"),
    ...lineOrNothing,
    ...nest(() => join(newline, lines.map(printStringLine))),
    ...text("''"),
  ]);
}

/** Code that takes several lines is indented as its line is. */
function printStringLine(parts: readonly (string | NixExpr)[]): Doc {
  const [first, second, ...others] = parts;
  const blank = typeof first === "string" && /^ *$/.test(first) ? first : undefined;
  const only = first !== undefined && typeof first !== "string" && second === undefined ? first : undefined;
  const alone = blank !== undefined && second !== undefined && typeof second !== "string" ? second : only;
  if (alone !== undefined && others.length === 0) {
    const before = blank ?? "";
    return [
      ...text(before),
      ...offsetBy(before.length, () => group([...text("${"), ...nest(() => parenBody(alone)), ...text("}")])),
    ];
  }
  if (typeof first !== "string") return parts.flatMap(printStringPart);
  const indentation = /^\s*/.exec(first)?.[0].length ?? 0;
  return [...text(first), ...offsetBy(indentation, () => parts.slice(1).flatMap(printStringPart))];
}

function printStringPart(part: string | NixExpr): Doc {
  return typeof part === "string" ? text(part) : interpolation(part);
}

/** Short code stays on its line, whatever the line's length. */
function interpolation(code: NixExpr): Doc {
  if (isAbsorbable(code)) return group([...text("${"), ...printTerm(code as Term), ...text("}")]);
  if (isSimple(code)) {
    const doc = printed(code);
    return [...text("${"), ...(onOneLine(doc) ?? doc), ...text("}")];
  }
  const short = onOneLine(printed(code), 30);
  return group([
    ...text("${"),
    ...(short ??
      surround(
        lineOrNothing,
        nest(() => printed(code)),
      )),
    ...text("}"),
  ]);
}

/** On one line: `"..."`, or `''...''` where that needs no backslashes. */
function printQuoted(expr: NixString): Doc {
  const parts = joinTexts(expr.parts);
  const codes = parts.filter((part) => typeof part !== "string");
  const pieces = parts.map((part): Piece => (typeof part === "string" ? { text: part } : { code: codeMark }));
  const whole = expr.notation === "quoted" ? quoted(pieces) : oneLine(pieces);
  // Every mark stands for one expression, in order; no text can hold it.
  const [first = "", ...others] = whole.split(`\${${codeMark}}`);
  const rest = others.flatMap((after, index) => {
    const code = codes[index];
    return [...(code === undefined ? [] : interpolation(code)), ...text(after)];
  });
  return group([...text(first), ...rest]);
}

/** Not a character, so nothing a user writes is mistaken for it. */
const codeMark = "\uffff";

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

// Raw text.

/** The user's own lines, moved to where they stand now; what is inside a `"..."` stays where it was. */
function printRaw(expr: NixRaw): Doc {
  const { places } = scanRaw(expr.parts);
  let splices = 0;
  const lines = rawLines(expr).map(({ indentation, parts }) =>
    offsetBy(indentation, () =>
      parts.flatMap((part) => (typeof part === "string" ? text(part) : printSplice(part, places[splices++] ?? "code"))),
    ),
  );
  return join(newline, lines);
}

interface RawLine {
  readonly indentation: number;
  readonly parts: (string | NixExpr)[];
}

function rawLines({ parts }: NixRaw): RawLine[] {
  const { fixedBreaks } = scanRaw(parts);
  const lines: RawLine[] = [{ indentation: 0, parts: [] }];
  for (const [index, part] of parts.entries()) {
    if (typeof part !== "string") {
      lines.at(-1)?.parts.push(part);
      continue;
    }
    const start = index === 0 ? part.length - part.trimStart().length : 0;
    const end = index === parts.length - 1 ? part.trimEnd().length : part.length;
    const breaks = [...part.matchAll(/\n */g)].filter(
      (found) => found.index >= start && found.index < end && fixedBreaks[index]?.has(found.index) !== true,
    );
    let from = start;
    for (const found of breaks) {
      lines.at(-1)?.parts.push(part.slice(from, found.index));
      lines.push({ indentation: found[0].length - 1, parts: [] });
      from = found.index + found[0].length;
    }
    lines.at(-1)?.parts.push(part.slice(from, end));
  }
  return lines;
}

function printSplice(part: NixExpr, place: "code" | "string" | "name"): Doc {
  if (place === "code") return printed(at(part, level.atom));
  if (place === "name" && part.kind === "string") return printKey(part);
  // A literal inside a string of raw text: an antiquotation of its own keeps it apart from the notation around it.
  if (part.kind === "string" && place === "string")
    return [...text("${"), ...printQuoted({ ...part, notation: "quoted" }), ...text("}")];
  return interpolation(part);
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
  return /(?:[[({]|'')\n/.test(content.slice(0, content.indexOf("\n") + 1)) && /\n *([\])}]|'')[^\n]*$/.test(content);
}
