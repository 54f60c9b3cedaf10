/** How tightly each expression binds, from Nix's grammar: a child that binds less than its place needs parentheses. */
import type { NixExpr, NixOperator } from "./tree.ts";

export const level = { expression: 0, fallback: 0.5, not: 7, has: 11, negate: 12, apply: 13, atom: 14 } as const;

interface Binding {
  readonly level: number;
  /** Which side may hold the same operator again without parentheses. */
  readonly side: "left" | "right" | "none";
}

export const operators: Readonly<Record<NixOperator, Binding>> = {
  "->": { level: 1, side: "right" },
  "||": { level: 2, side: "left" },
  "&&": { level: 3, side: "left" },
  "==": { level: 4, side: "none" },
  "!=": { level: 4, side: "none" },
  "<": { level: 5, side: "none" },
  "<=": { level: 5, side: "none" },
  ">": { level: 5, side: "none" },
  ">=": { level: 5, side: "none" },
  "//": { level: 6, side: "right" },
  "+": { level: 8, side: "left" },
  "-": { level: 8, side: "left" },
  "*": { level: 9, side: "left" },
  "/": { level: 9, side: "left" },
  "++": { level: 10, side: "right" },
};

const plainPath = /^\s*[A-Za-z_][\w'-]*(\.[A-Za-z_][\w'-]*)*\s*$/;

/** The level of an expression as it is printed. */
export function levelOf(expr: NixExpr): number {
  switch (expr.kind) {
    case "lambda":
    case "let":
    case "if":
    case "with":
      return level.expression;
    case "binary":
      return operators[expr.operator].level;
    case "unary":
      return expr.operator === "!" ? level.not : level.negate;
    case "has":
      return level.has;
    case "int":
      return BigInt(expr.value) < -(2n ** 63n) + 1n ? operators["-"].level : expr.value < 0 ? level.negate : level.atom;
    case "float":
      return expr.value < 0 || Object.is(expr.value, -0) ? level.negate : level.atom;
    case "apply":
      return expr.args.length === 0 ? levelOf(expr.fn) : level.apply;
    case "select":
      // `a.b or c` is one unit to Nix, but reads like two beside anything else.
      return expr.fallback === undefined ? level.atom : level.fallback;
    case "raw":
      return rawLevel(expr.parts);
    default:
      return level.atom;
  }
}

// --- internal ---

function rawLevel(parts: readonly (string | NixExpr)[]): number {
  const [only] = parts;
  if (parts.length !== 1 || only === undefined) return level.expression;
  if (typeof only !== "string") return levelOf(only);
  return plainPath.test(only) ? level.atom : level.expression;
}
