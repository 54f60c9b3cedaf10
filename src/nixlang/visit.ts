/** Going through a tree. */
import type { NixEntry, NixExpr, NixKey } from "./tree.ts";

/** Calls `see` with the expression and every one in it, from the outside in. */
export function visit(expr: NixExpr, see: (expr: NixExpr) => void): void {
  see(expr);
  for (const child of childrenOf(expr)) visit(child, see);
}

/** The expressions right inside one, in the order in which they are written. */
export function childrenOf(expr: NixExpr): NixExpr[] {
  switch (expr.kind) {
    case "string":
    case "raw":
      return expr.parts.filter((part) => typeof part !== "string");
    case "list":
      return [...expr.items];
    case "attrs":
      return expr.entries.flatMap(inEntry);
    case "select":
      return [expr.base, ...inKeys(expr.keys), ...(expr.fallback === undefined ? [] : [expr.fallback])];
    case "has":
      return [expr.base, ...inKeys(expr.keys)];
    case "apply":
      return [expr.fn, ...expr.args];
    case "lambda": {
      const defaults = expr.param.kind === "name" ? [] : expr.param.names.map((formal) => formal.fallback);
      return [...defaults.filter((fallback) => fallback !== undefined), expr.body];
    }
    case "let":
      return [...expr.entries.flatMap(inEntry), expr.body];
    case "if":
      return [expr.condition, expr.whenTrue, expr.whenFalse];
    case "with":
      return [expr.scope, expr.body];
    case "unary":
      return [expr.operand];
    case "binary":
      return [expr.left, expr.right];
    default:
      return [];
  }
}

// --- internal ---

function inKeys(keys: readonly NixKey[]): NixExpr[] {
  return keys.filter((key) => typeof key !== "string");
}

function inEntry(entry: NixEntry): NixExpr[] {
  if (entry.kind === "inherit") return entry.from === undefined ? [] : [entry.from];
  return [...inKeys(entry.keys), entry.value];
}
