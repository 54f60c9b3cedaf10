/** Which variables an expression takes from outside. */
import { isIdentifier } from "./names.ts";
import type { NixEntry, NixExpr, NixKey } from "./tree.ts";

/**
 * Those of `wanted` that the expression mentions and does not bind itself. In raw text every word that is one of them counts,
 * unless it stands after a dot.
 */
export function usedNames(expr: NixExpr, wanted: ReadonlySet<string>): Set<string> {
  const found = new Set<string>();
  collect(expr, wanted, found);
  return found;
}

// --- internal ---

type Names = ReadonlySet<string>;

function collect(expr: NixExpr, wanted: Names, found: Set<string>): void {
  const visit = (child: NixExpr): void => collect(child, wanted, found);
  switch (expr.kind) {
    case "identifier":
      if (wanted.has(expr.name)) found.add(expr.name);
      return;
    case "raw":
      for (const part of expr.parts) typeof part === "string" ? collectWords(part, wanted, found) : visit(part);
      return;
    case "string":
      for (const part of expr.parts) if (typeof part !== "string") visit(part);
      return;
    case "list":
      expr.items.forEach(visit);
      return;
    case "attrs":
      collectEntries(
        expr.entries,
        expr.recursive === true ? without(wanted, boundBy(expr.entries)) : wanted,
        wanted,
        found,
      );
      return;
    case "let": {
      const inside = without(wanted, boundBy(expr.entries));
      collectEntries(expr.entries, inside, wanted, found);
      collect(expr.body, inside, found);
      return;
    }
    case "lambda": {
      const { param } = expr;
      const names =
        param.kind === "name"
          ? [param.name]
          : [...param.names.map((formal) => formal.name), ...(param.as === undefined ? [] : [param.as])];
      if (param.kind === "pattern") for (const { fallback } of param.names) if (fallback !== undefined) visit(fallback);
      collect(expr.body, without(wanted, names), found);
      return;
    }
    default:
      for (const child of children(expr)) visit(child);
  }
}

type Plain = Exclude<NixExpr, { kind: "identifier" | "raw" | "string" | "list" | "attrs" | "let" | "lambda" }>;

function children(expr: Plain): NixExpr[] {
  switch (expr.kind) {
    case "select":
      return [expr.base, ...dynamic(expr.keys), ...(expr.fallback === undefined ? [] : [expr.fallback])];
    case "has":
      return [expr.base, ...dynamic(expr.keys)];
    case "apply":
      return [expr.fn, ...expr.args];
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

function dynamic(keys: readonly NixKey[]): NixExpr[] {
  return keys.filter((key) => typeof key !== "string");
}

function collectEntries(entries: readonly NixEntry[], inside: Names, outside: Names, found: Set<string>): void {
  for (const entry of entries) {
    if (entry.kind === "binding") {
      for (const key of dynamic(entry.keys)) collect(key, inside, found);
      collect(entry.value, inside, found);
    } else if (entry.from !== undefined) collect(entry.from, inside, found);
    else for (const name of entry.names) if (outside.has(name)) found.add(name);
  }
}

function boundBy(entries: readonly NixEntry[]): string[] {
  return entries.flatMap((entry) =>
    entry.kind === "inherit" ? entry.names : typeof entry.keys[0] === "string" ? [entry.keys[0]] : [],
  );
}

function without(names: Names, bound: readonly string[]): Names {
  return new Set([...names].filter((name) => !bound.includes(name)));
}

function collectWords(text: string, wanted: Names, found: Set<string>): void {
  for (const word of text.matchAll(/(?<![\w'.-])[A-Za-z_][\w'-]*/g))
    if (isIdentifier(word[0]) && wanted.has(word[0])) found.add(word[0]);
}
