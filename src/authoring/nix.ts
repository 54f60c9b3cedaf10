/** `nix`: what only Nix can say. A tag for Nix text, and functions for what JavaScript has no notation for. */

import { printFloat } from "../nixlang/numbers.ts";
import { scanRaw } from "../nixlang/raw.ts";
import type { NixExpr } from "../nixlang/tree.ts";
import { dedent } from "./dedent.ts";
import type { Expr, NixValue } from "./expr.ts";
import { captureOrigin } from "./origin.ts";
import { problem } from "./problem.ts";
import { reference } from "./reference.ts";
import { rawParts } from "./text.ts";
import { splitTokens } from "./tokens.ts";

/**
 * Nix text as an expression: `` nix`lib.filterAttrs (name: value: ${predicate} name) ${set}` ``. References and plain values
 * are spliced in as Nix, in parentheses where needed; inside a Nix string they become antiquotations. Backslashes stay as they
 * are, and `\${x}` is Nix's own `${x}`. Throws SynthError when brackets or quotes do not match.
 */
function tag(template: TemplateStringsArray, ...values: readonly unknown[]): Expr {
  return raw(dedent(rawParts(template), { firstLine: "is apart" }), values, tag);
}

/**
 * A path, relative to the file it is written in: `nix.path("./crown/hardware-configuration.nix")`. Becomes a path literal
 * relative to the generated file. When the module is recorded, SynthError is thrown for a path that leaves the project or does not exist.
 */
function path(text: string): Expr {
  if (typeof text !== "string" || text === "" || text.startsWith("/")) {
    throw problem(
      `Cannot use ${JSON.stringify(text)} as a path of the project`,
      captureOrigin(path),
      'Give a path relative to this file, such as nix.path("./hardware.nix"); a path on the machine is a plain string',
    );
  }
  return reference({ kind: "path", text }, path);
}

/** A floating-point number also where the value is whole: JavaScript's `1.0` is `1`, an integer to Nix. */
function float(value: number): Expr {
  if (typeof value !== "number") throw problem("Cannot make a float of what is no number", captureOrigin(float));
  // Refuses what Nix has no notation for here, where the line is known.
  checked(() => printFloat(value), float);
  return reference({ kind: "constant", expr: { kind: "float", value } }, float);
}

/** `let ... in ...`: values written once and used several times. `nix.let({ port: 80 }, ({ port }) => ...)`. */
function letIn<Bindings extends Readonly<Record<string, unknown>>>(
  bindings: Bindings,
  body: (variables: { readonly [Name in keyof Bindings]: Expr }) => NixValue,
): Expr {
  return reference({ kind: "let", bindings, body }, letIn);
}

/** `left // right`: the attributes of both, those of `right` winning. Shallow; option values are merged by the module system instead. */
function update(left: unknown, right: unknown): Expr {
  return reference({ kind: "binary", operator: "//", left, right }, update);
}

/** `left ++ right`: one list after the other. */
function concat(left: unknown, right: unknown): Expr {
  return reference({ kind: "binary", operator: "++", left, right }, concat);
}

/** `map fn list`. */
function map(list: unknown, fn: (element: Expr) => NixValue): Expr {
  return reference({ kind: "apply", fn: global("map", map), args: [fn, list] }, map);
}

/** `if condition then a else b`, decided by Nix. For option values prefer `lib.mkIf`. */
function ifThenElse(condition: unknown, whenTrue: unknown, whenFalse: unknown): Expr {
  return reference({ kind: "if", condition, whenTrue, whenFalse }, ifThenElse);
}

/** `left == right`. */
function eq(left: unknown, right: unknown): Expr {
  return reference({ kind: "binary", operator: "==", left, right }, eq);
}

/** `left && right`. */
function and(left: unknown, right: unknown): Expr {
  return reference({ kind: "binary", operator: "&&", left, right }, and);
}

/** `left || right`. */
function or(left: unknown, right: unknown): Expr {
  return reference({ kind: "binary", operator: "||", left, right }, or);
}

/** `!value`. */
function not(value: unknown): Expr {
  return reference({ kind: "unary", operator: "!", operand: value }, not);
}

/** `set ? a.b`: whether the set has the attribute. */
function has(set: unknown, ...names: readonly [string, ...string[]]): Expr {
  return reference({ kind: "has", base: set, keys: names }, has);
}

/** `set.a.b or fallback`. */
function get(set: unknown, names: string | readonly [string, ...string[]], fallback: unknown): Expr {
  return reference(
    { kind: "select", base: set, keys: typeof names === "string" ? [names] : names, fallback: { value: fallback } },
    get,
  );
}

/** `toString value`: a number, a boolean or a list as text, which Nix puts into text only so: `` `port ${nix.toString(port)}` ``. */
function toText(value: unknown): Expr {
  return reference({ kind: "apply", fn: global("toString", toText), args: [value] }, toText);
}

/** `builtins.toJSON value`: JSON text of what Nix knows. */
function toJSON(value: unknown): Expr {
  return reference(
    {
      kind: "apply",
      fn: reference({ kind: "select", base: global("builtins", toJSON), keys: ["toJSON"] }, toJSON),
      args: [value],
    },
    toJSON,
  );
}

/** Nix text from a string, for text that a program made. Prefer the tag. */
function rawText(text: string): Expr {
  const texts: string[] = [""];
  const values: unknown[] = [];
  for (const part of splitTokens(text, () => "Nix text", captureOrigin(rawText))) {
    if (typeof part === "string") texts[texts.length - 1] += part;
    else {
      values.push(part.value);
      texts.push("");
    }
  }
  return raw(texts, values, rawText);
}

export const nix = Object.assign(tag, {
  path,
  float,
  let: letIn,
  update,
  concat,
  map,
  if: ifThenElse,
  eq,
  and,
  or,
  not,
  has,
  get,
  toString: toText,
  toJSON,
  raw: rawText,
});

// --- internal ---

type Callee = (...args: never[]) => unknown;

function global(name: string, callee: Callee): Expr {
  return reference({ kind: "constant", expr: { kind: "identifier", name } }, callee);
}

const placeholder: NixExpr = { kind: "null" };

function raw(texts: readonly string[], values: readonly unknown[], callee: Callee): Expr {
  const parts = texts.flatMap((text, index) => {
    // A blank line at either end is layout of the TypeScript, not of the Nix.
    const trimmed = index === texts.length - 1 ? text.trimEnd() : text;
    const kept = index === 0 ? trimmed.trimStart() : trimmed;
    const piece = kept === "" ? [] : [kept];
    return index === 0 ? piece : [{ value: values[index - 1] }, ...piece];
  });
  if (parts.length === 0) throw problem("Cannot make Nix of an empty text", captureOrigin(callee));
  const scan = checked(() => scanRaw(parts.map((part) => (typeof part === "string" ? part : placeholder))), callee);
  if (scan.fixedBreaks.some((breaks) => breaks.size > 0)) {
    throw problem(
      'Nix text has a "..." string over several lines',
      captureOrigin(callee),
      "Its indentation would be part of it; write it as ''...''",
    );
  }
  return reference({ kind: "raw", parts }, callee);
}

function checked<T>(check: () => T, callee: Callee): T {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw problem(error.message, captureOrigin(callee), (error as { readonly hint?: string }).hint);
  }
}
