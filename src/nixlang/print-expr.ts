/** Expressions as documents, by the rules of nixfmt. Every function adds to the document that is being built. */
import {
  append,
  build,
  group,
  join,
  nest,
  offsetBy,
  onOneLine,
  type Spacing,
  space,
  spacing,
  surround,
  text,
  trailing,
} from "./doc.ts";
import { withInherits } from "./inherits.ts";
import { level, levelOf } from "./levels.ts";
import { scanRaw } from "./raw.ts";
import { rawLines } from "./raw-lines.ts";
import { indentedLines, oneLine, type Piece, quoted } from "./strings.ts";
import {
  at,
  type Call,
  flattened,
  isAbsorbable,
  isAbsorbableExpr,
  isFlatPattern,
  isIndented,
  isOneInherit,
  isPlainKey,
  isSimple,
  isSimpleCall,
  isStatic,
  joinedSelect,
  joinSingles,
  joinTexts,
  keyText,
  operandsOf,
  type Syntax,
  sidesOf,
  type Term,
  word,
} from "./syntax.ts";
import type {
  NixAttrs,
  NixBinary,
  NixBinding,
  NixEntry,
  NixExpr,
  NixIf,
  NixInherit,
  NixKey,
  NixLambda,
  NixList,
  NixParam,
  NixRaw,
  NixSelect,
  NixString,
} from "./tree.ts";

const { softBreak, break: lineOrNothing, hardSpace, softSpace, space: line, hardLine, emptyLine, newlines } = spacing;

/** Columns of a line; its indentation does not count. */
const width = 100;

export function printExpression(expr: Syntax): void {
  switch (expr.kind) {
    case "paren":
      printParen(expr.inner);
      return;
    case "list":
      group(() => printList(expr));
      return;
    case "lambda":
      printLambda(expr);
      return;
    case "let":
      group(() => {
        text("let");
        space(hardLine);
        nest(() => printEntries(expr.entries, expr.spaced === true));
      });
      space(hardLine);
      group(() => {
        text("in");
        space(hardLine);
        printExpression(expr.body);
      });
      return;
    case "if":
      group(() => printIf(expr, line));
      return;
    case "with":
      printWith(expr);
      return;
    case "apply":
      printCall(flattened(expr));
      return;
    case "binary":
      printBinary(expr);
      return;
    case "has":
      printExpression(at(expr.base, level.negate));
      space(softSpace);
      text("?");
      space(hardSpace);
      printKeys(expr.keys);
      return;
    case "unary":
      text(expr.operator);
      printExpression(at(expr.operand, expr.operator === "!" ? level.not : level.negate));
      return;
    default:
      printTerm(expr);
  }
}

export function printParam(param: NixParam): void {
  if (param.kind === "name") {
    text(param.name);
    return;
  }
  if (param.names.length === 0) text(param.open ? "{ ... }" : "{ }");
  else printPattern(param);
  if (param.as !== undefined) text(`@${param.as}`);
}

// --- internal ---

/** A term, without a group around it. Wide sets are broken whatever fits. */
function printTerm(expr: Term, isWide = false): void {
  const only = word(expr);
  if (only !== undefined) {
    // What stands on one line as a group moves nothing in, and strings are groups.
    if (expr.kind === "string") group(() => text(only));
    else text(only);
    return;
  }
  switch (expr.kind) {
    case "string":
      printString(expr);
      return;
    case "list":
      printList(expr);
      return;
    case "attrs":
      printAttrs(expr, isWide);
      return;
    case "select":
      printSelect(expr);
      return;
    case "raw":
      printRaw(expr);
      return;
    default:
      // The others are words.
      return;
  }
}

function printSelect(expr: NixSelect): void {
  const { base, keys, fallback } = joinedSelect(expr);
  printExpression(base);
  const gap = gapAfter(base);
  if (gap !== undefined) space(gap);
  text(".");
  printKeys(keys);
  if (fallback === undefined) return;
  space(softSpace);
  nest(() => {
    text("or");
    space(hardSpace);
    printExpression(at(fallback, level.atom));
  });
}

function gapAfter(base: Syntax): Spacing | undefined {
  if (base.kind === "identifier" || base.kind === "bool" || base.kind === "null") return undefined;
  // Nix would read `1.a` as the number `1.` and a name.
  if (base.kind === "int" || base.kind === "float") return hardSpace;
  return base.kind === "paren" ? softBreak : lineOrNothing;
}

/** As the value of a binding or the body of a lambda. */
function printAbsorbed(expr: NixExpr, isWide: boolean): void {
  if (isAbsorbable(expr)) printTerm(expr, isWide);
  else if (expr.kind === "with" && isAbsorbable(expr.body)) {
    const { scope, body } = expr;
    group(() => {
      space(lineOrNothing);
      text("with");
      space(hardSpace);
      nest(() => group(() => printExpression(scope)));
      text(";");
      space(hardSpace);
      group(() => printTerm(body, true), "priority");
    });
  } else printExpression(expr);
}

// Parentheses.

function printParen(inner: NixExpr): void {
  group(() => {
    text("(");
    nest(() => printParenBody(inner));
    text(")");
  });
}

function printParenBody(inner: NixExpr): void {
  if (isAbsorbableExpr(inner)) group(() => printAbsorbed(inner, false));
  else if (inner.kind === "apply") printCall(flattened(inner), { isInParens: true });
  else {
    const isSelect = inner.kind === "select";
    if (!isSelect || isAbsorbable(at(inner.base, level.atom))) space(lineOrNothing);
    group(() => printExpression(inner));
    space(lineOrNothing);
  }
}

/** As the value of a binding or as a last argument. */
function printAbsorbedParen(inner: NixExpr): void {
  const body = (): void => group(() => nest(() => printExpression(inner)));
  group(() => {
    nest(() => {
      text("(");
      surround(lineOrNothing, body);
      text(")");
    });
  }, "priority");
}

// Sets, lists and bindings.

function printAttrs(expr: NixAttrs, isWide: boolean): void {
  const head = expr.recursive === true ? "rec {" : "{";
  if (expr.entries.length === 0) {
    text(`${head} }`);
    return;
  }
  const entries = expr.recursive === true ? expr.entries : withInherits(expr.entries);
  text(head);
  surround(isWide || expr.spaced === true ? hardLine : line, () =>
    nest(() => printEntries(entries, expr.spaced === true)),
  );
  text("}");
}

/** With blank lines around what takes several lines, where that is wanted. */
function printEntries(entries: readonly NixEntry[], isSpaced: boolean): void {
  let before: { readonly entry: NixEntry; readonly isTall: boolean } | undefined;
  for (const entry of entries) {
    const doc = build(() => group(() => printEntry(entry)));
    const isTall = isSpaced && (hasSet(entry) || onOneLine(doc, width) === undefined);
    const comment = entry.kind === "binding" ? (entry.comment ?? []) : [];
    if (before !== undefined) {
      const isSetApart = before.entry.kind === "binding" && before.entry.apart === true;
      const isApart = isSpaced && (isTall || before.isTall || comment.length > 0);
      space(isSetApart || isApart ? emptyLine : hardLine);
    }
    for (const each of comment) {
      text(`# ${each}`);
      space(hardLine);
    }
    append(doc);
    before = { entry, isTall };
  }
}

/** Sets stand on several lines, even where they would fit on one. */
function hasSet(entry: NixEntry): boolean {
  if (entry.kind !== "binding") return false;
  const { value } = joinSingles(entry);
  return value.kind === "attrs" && value.entries.length > 0 && !isOneInherit(value);
}

function printEntry(entry: NixEntry): void {
  if (entry.kind === "binding") printBinding(joinSingles(entry));
  else printInherit(entry);
}

function printInherit({ from, names }: NixInherit): void {
  const isFew = names.length < 4;
  group(() => {
    text("inherit");
    nest(() => {
      if (from !== undefined)
        group(() => {
          space(line);
          printParen(from);
        });
      space(isFew ? line : hardLine);
      join(isFew ? line : hardLine, names, (name) => text(keyText(name)));
      space(isFew ? lineOrNothing : hardLine);
      text(";");
    });
  });
}

function printBinding({ keys, value }: NixBinding): void {
  const short = shortBinding(keys, value);
  if (short !== undefined) {
    text(short);
    return;
  }
  group(() => {
    printKeys(keys);
    nest(() => {
      space(hardSpace);
      text("=");
      if (keys.length <= 4 && keys.every(isPlainKey)) printValue(value);
      else {
        space(lineOrNothing);
        group(() => printValue(value), "priority");
      }
    });
    text(";");
  });
}

/** `a.b = 1;` as one text where that is sure to fit on a line; most bindings are such, and need no layout. */
function shortBinding(keys: readonly NixKey[], value: NixExpr): string | undefined {
  const words = word(value);
  if (words === undefined || !isStatic(keys)) return undefined;
  const binding = `${keys.map(keyText).join(".")} = ${words};`;
  return binding.length <= width ? binding : undefined;
}

/** What stands after `=`, or after the `?` of a default. */
function printValue(value: NixExpr): void {
  if (value.kind === "binary") printOperationValue(value);
  else nest(() => printNested(value));
}

function printNested(value: NixExpr): void {
  if (value.kind === "attrs" && isOneInherit(value)) printBeside(() => printAbsorbed(value, false));
  else if (isAbsorbableExpr(value)) printBeside(() => printAbsorbed(value, true));
  else if (value.kind === "string" || value.kind === "path") printBeside(() => printExpression(value));
  else if (value.kind === "apply") printCall(flattened(value), { before: line });
  else if (value.kind === "with" || value.kind === "select" || value.kind === "raw") {
    group(() => {
      space(line);
      printExpression(value);
    });
  } else {
    space(line);
    group(() => printExpression(value));
  }
}

function printBeside(print: () => void): void {
  space(hardSpace);
  group(print);
}

/** `//`, `++` and `+` are more compact than other operators when one side is a set or list. */
function printOperationValue(value: NixBinary): void {
  const isJoin = ["//", "++", "+"].includes(value.operator);
  const [left, right] = sidesOf(value);
  if (isJoin && isAbsorbable(left)) {
    space(hardSpace);
    printBinary(value, true);
  } else if (isJoin && isAbsorbable(right)) {
    nest(() =>
      group(() => {
        space(line);
        printExpression(left);
        space(line);
        group(() => {
          text(value.operator);
          space(hardSpace);
          group(() => printTerm(right, true), "priority");
        }, "transparent");
      }),
    );
  } else
    nest(() => {
      space(line);
      group(() => printExpression(value));
    });
}

function printList(expr: NixList, separator: Spacing = hardLine): void {
  if (expr.items.length === 0) {
    text("[ ]");
    return;
  }
  text("[");
  surround(line, () => nest(() => join(separator, expr.items, printItem)));
  text("]");
}

/** Most items are words, which need no layout. */
function printItem(item: NixExpr): void {
  const only = word(item);
  if (only !== undefined && levelOf(item) === level.atom) text(only);
  else group(() => printExpression(at(item, level.atom)));
}

function printKeys(keys: readonly NixKey[]): void {
  if (isStatic(keys)) text(keys.map(keyText).join("."));
  else
    for (const [index, key] of keys.entries()) {
      if (index > 0) text(".");
      printKey(key);
    }
}

function printKey(key: NixKey): void {
  if (typeof key === "string") text(keyText(key));
  else if (key.kind !== "string") printInterpolation(key);
  else if (key.parts.every((part) => typeof part === "string")) text(keyText(key.parts.join("")));
  // Nix takes no ''...'' for a name.
  else printQuoted({ ...key, notation: "quoted" });
}

// Functions.

function printPattern(param: Extract<NixParam, { kind: "pattern" }>): void {
  const gap = isFlatPattern(param) ? line : hardLine;
  const last = param.names.length - 1;
  const printFormals = (): void => {
    join(gap, param.names, ({ name, fallback }, index) => {
      if (fallback === undefined) text(name);
      else
        group(() => {
          text(name);
          space(hardSpace);
          nest(() => {
            text("?");
            printValue(fallback);
          });
        });
      if (index < last || param.open) text(",");
      else trailing(",");
    });
    if (!param.open) return;
    space(gap);
    text("...");
  };
  group(() => {
    text("{");
    surround(gap, () => nest(printFormals));
    text("}");
  });
}

function printLambda(expr: NixLambda): void {
  const { param, body } = expr;
  if (param.kind === "name") {
    group(() => {
      space(lineOrNothing);
      text(`${param.name}:`);
      printBody(body, 1);
    });
    return;
  }
  printParam(param);
  text(":");
  // The body of a module begins on a line of its own.
  space(isAbsorbableExpr(body) || body.kind === "let" ? hardLine : line);
  printExpression(body);
}

function printBody(body: NixExpr, count: number): void {
  if (body.kind === "lambda" && body.param.kind === "name") {
    space(hardSpace);
    text(`${body.param.name}:`);
    printBody(body.body, count + 1);
  } else if (isAbsorbableExpr(body)) {
    space(hardSpace);
    group(() => printAbsorbed(body, false), "priority");
  } else {
    space(count <= 2 ? line : hardLine);
    printExpression(body);
  }
}

function printIf(expr: NixIf, edge: Spacing): void {
  const { condition, whenTrue, whenFalse } = expr;
  group(() => {
    text("if");
    space(line);
    nest(() => printExpression(condition));
    space(line);
    text("then");
  });
  surround(edge, () => nest(() => group(() => printExpression(whenTrue))));
  text("else");
  if (whenFalse.kind === "if") {
    space(hardSpace);
    printIf(whenFalse, hardLine);
  } else {
    space(line);
    nest(() => group(() => printExpression(whenFalse)));
  }
}

function printWith(expr: Extract<NixExpr, { kind: "with" }>): void {
  group(() => {
    text("with");
    space(hardSpace);
    nest(() => group(() => printExpression(expr.scope)));
    text(";");
  });
  space(line);
  printExpression(expr.body);
}

// Calls.

interface CallPlace {
  /** What stands before the call, within its group. */
  readonly before?: Spacing;
  readonly isInParens?: boolean;
}

/** All on one line, or else all but the last argument, or else each argument on a line of its own. */
function printCall({ fn, args }: Call, { before, isInParens = false }: CallPlace = {}): void {
  const last = args.at(-1);
  if (last === undefined) {
    printExpression(fn);
    return;
  }
  const others = args.slice(0, -1);
  const printHead = (heads: readonly Syntax[]): void => {
    if (before !== undefined) space(before);
    group(() => printArguments(fn, heads, isInParens), "transparent");
  };
  const beside = others.at(-1);
  const isSimpleAll = isSimpleCall({ fn, args });
  const simple = isSimpleAll ? onOneLine(build(() => printHead(others))) : undefined;
  group(() => {
    if (last.kind === "list" && beside?.kind === "list") {
      printHead(others.slice(0, -1));
      for (const list of [beside, last]) {
        space(line);
        nest(() => group(() => printArgument(list)));
      }
    } else if (simple !== undefined) {
      append(simple);
      space(hardSpace);
      printLastArgument(last);
      return;
    } else {
      printHead(others);
      space(line);
      printLastArgument(last);
    }
    if (isInParens) space(lineOrNothing);
  });
}

/** The function and all arguments but the last. */
function printArguments(fn: NixExpr, args: readonly Syntax[], isInParens: boolean): void {
  const last = args.at(-1);
  if (last === undefined) {
    if (!isInParens) printExpression(at(fn, level.apply));
    else
      nest(() =>
        group(() => {
          space(lineOrNothing);
          printExpression(at(fn, level.apply));
        }),
      );
    return;
  }
  const others = args.slice(0, -1);
  const beside = others.at(-1);
  if (last.kind === "list" && beside?.kind === "list") {
    group(() => {
      group(() => printArguments(fn, others.slice(0, -1), isInParens), "transparent");
      nest(() =>
        group(() => {
          for (const list of [beside, last]) {
            space(line);
            group(() => printArgument(list));
          }
        }),
      );
    }, "transparent");
    return;
  }
  group(() => printArguments(fn, others, isInParens), "transparent");
  space(line);
  nest(() => group(() => printArgument(last), last.kind === "select" ? "regular" : "priority"));
}

/** Short lists of simple things stay on a line where they can. */
function printArgument(arg: Syntax): void {
  if (arg.kind === "list" && arg.items.length <= 6 && arg.items.every((item) => isSimple(at(item, level.atom))))
    printList(arg, line);
  else printExpression(arg);
}

function printLastArgument(arg: Syntax): void {
  if (isAbsorbable(arg)) group(() => nest(() => printTerm(arg)), "priority");
  else if (arg.kind !== "paren") group(() => nest(() => printExpression(arg)));
  else {
    const { inner } = arg;
    const [only, second] = inner.kind === "apply" ? inner.args : [];
    if (inner.kind === "lambda" && inner.param.kind === "name" && isAbsorbable(inner.body))
      printAttached(`${inner.param.name}:`, inner.body);
    else if (
      inner.kind === "apply" &&
      inner.fn.kind === "identifier" &&
      only !== undefined &&
      second === undefined &&
      isAbsorbable(only)
    )
      printAttached(inner.fn.name, only);
    else printAbsorbedParen(inner);
  }
}

/** `(x: {`, `(f {`. */
function printAttached(head: string, body: Term): void {
  group(() => {
    nest(() => {
      text(`(${head}`);
      space(hardSpace);
      printTerm(body, true);
      text(")");
    });
  }, "priority");
}

// Operators.

const comparisons: ReadonlySet<string> = new Set(["<", ">", "<=", ">=", "==", "!="]);

function printBinary(expr: NixBinary, isFirstWide = false): void {
  if (comparisons.has(expr.operator)) {
    const [left, right] = sidesOf(expr);
    printExpression(left);
    space(softSpace);
    text(expr.operator);
    space(hardSpace);
    printExpression(right);
    return;
  }
  const [first, ...others] = operandsOf(expr);
  group(() => {
    if (first !== undefined && isFirstWide && isAbsorbable(first)) printTerm(first, true);
    else if (first !== undefined) printExpression(first);
    for (const operand of others) {
      space(line);
      text(expr.operator);
      nest(() => printOperand(operand));
    }
  });
}

/** Every operand but the first. */
function printOperand(operand: Syntax): void {
  if (operand.kind === "binary") {
    group(() => {
      space(line);
      printExpression(operand);
    });
  } else if (operand.kind === "apply") {
    group(() => {
      space(hardSpace);
      printCall(flattened(operand), { before: line });
    });
  } else {
    space(hardSpace);
    printExpression(operand);
  }
}

// Strings.

function printString(expr: NixString): void {
  if (!isIndented(expr)) {
    printQuoted(expr);
    return;
  }
  const lines = indentedLines(joinTexts(expr.parts), (part) => typeof part === "string");
  group(() => {
    text("''");
    space(lineOrNothing);
    nest(() => join(newlines, lines, printStringLine));
    text("''");
  });
}

/** Code that takes several lines is indented as its line is. */
function printStringLine(parts: readonly (string | NixExpr)[]): void {
  const [first, second, third] = parts;
  const hasBlank = typeof first === "string" && /^ *$/.test(first);
  const alone = hasBlank ? second : first;
  const isAlone = hasBlank ? third === undefined : second === undefined;
  if (isAlone && alone !== undefined && typeof alone !== "string") {
    const blank = hasBlank ? first : "";
    text(blank);
    offsetBy(blank.length, () =>
      group(() => {
        text("${");
        nest(() => printParenBody(alone));
        text("}");
      }),
    );
    return;
  }
  const indentation = typeof first === "string" ? (/^\s*/.exec(first)?.[0].length ?? 0) : 0;
  for (const [index, part] of parts.entries()) {
    if (index === 0) printStringPart(part);
    else offsetBy(indentation, () => printStringPart(part));
  }
}

function printStringPart(part: string | NixExpr): void {
  if (typeof part === "string") text(part);
  else printInterpolation(part);
}

/** Short code stays on its line, whatever the line's length. */
function printInterpolation(code: NixExpr): void {
  const only = word(code);
  if (only !== undefined && isSimple(code)) {
    text(`\${${only}}`);
    return;
  }
  if (isAbsorbable(code)) {
    group(() => {
      text("${");
      printTerm(code);
      text("}");
    });
    return;
  }
  const isPlain = isSimple(code);
  const short = onOneLine(
    build(() => printExpression(code)),
    isPlain ? Number.POSITIVE_INFINITY : 30,
  );
  if (isPlain && short === undefined) {
    text("${");
    printExpression(code);
    text("}");
    return;
  }
  group(() => {
    text("${");
    if (short !== undefined) append(short);
    else surround(lineOrNothing, () => nest(() => printExpression(code)));
    text("}");
  });
}

/** On one line: `"..."`, or `''...''` where that needs no backslashes. */
function printQuoted(expr: NixString): void {
  const parts = joinTexts(expr.parts);
  const codes = parts.filter((part) => typeof part !== "string");
  const pieces = parts.map((part): Piece => (typeof part === "string" ? { text: part } : { code: codeMark }));
  const whole = expr.notation === "quoted" ? quoted(pieces) : oneLine(pieces);
  group(() => {
    // Every mark stands for one expression, in order; no text can hold it.
    for (const [index, after] of whole.split(`\${${codeMark}}`).entries()) {
      const code = codes[index - 1];
      if (code !== undefined) printInterpolation(code);
      text(after);
    }
  });
}

/** Not a character, so nothing a user writes is mistaken for it. */
const codeMark = "\uffff";

// Raw text.

/** The user's own lines, moved to where they stand now. */
function printRaw(expr: NixRaw): void {
  const { places } = scanRaw(expr.parts);
  let splices = 0;
  join(newlines, rawLines(expr), ({ indentation, parts }) =>
    offsetBy(indentation, () => {
      for (const part of parts) {
        if (typeof part === "string") text(part);
        else printSplice(part, places[splices++] ?? "code");
      }
    }),
  );
}

function printSplice(part: NixExpr, place: "code" | "string" | "name"): void {
  if (place === "code") printExpression(at(part, level.atom));
  else if (place === "name" && part.kind === "string") printKey(part);
  else if (place === "string" && part.kind === "string") {
    // An antiquotation of its own keeps a literal apart from the notation around it.
    text("${");
    printQuoted({ ...part, notation: "quoted" });
    text("}");
  } else printInterpolation(part);
}
