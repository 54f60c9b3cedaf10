/**
 * Trees to text, as nixfmt (RFC 166) leaves it: what floe writes is not changed by formatting it. Single keys are joined with
 * dots, parentheses stand only where Nix needs them. The same tree always gives the same bytes.
 */
import { build, group, space, spacing, text } from "./doc.ts";
import { layout } from "./layout.ts";
import { printExpression, printParam } from "./print-expr.ts";
import type { NixExpr } from "./tree.ts";

export interface PrintOptions {
  /** Lines above the expression, each without its `# `. */
  readonly header?: readonly string[];
}

/** A whole file, with a newline at its end. Throws SynthError for numbers and raw text that cannot be Nix. */
export function printFile(expr: NixExpr, options: PrintOptions = {}): string {
  const header = (options.header ?? []).map((line) => `# ${line}\n`).join("");
  return `${header}${layout(build(() => group(() => wholeFile(expr))))}\n`;
}

/** One expression, for messages and for tests. */
export function printExpr(expr: NixExpr): string {
  return layout(build(() => group(() => printExpression(expr))));
}

// --- internal ---

/** The outermost attribute set has blank lines between its groups, and so has the head of a module before it. */
function wholeFile(expr: NixExpr): void {
  if (expr.kind !== "lambda" || expr.param.kind !== "pattern") {
    printExpression(spaced(expr));
    return;
  }
  const isEmpty = expr.body.kind === "attrs" && expr.body.entries.length === 0;
  printParam(expr.param);
  text(":");
  space(isEmpty ? spacing.hardLine : spacing.emptyLine);
  wholeFile(expr.body);
}

function spaced(expr: NixExpr): NixExpr {
  if (expr.kind === "attrs") return { ...expr, spaced: true };
  if (expr.kind === "let") return { ...expr, spaced: true, body: spaced(expr.body) };
  if (expr.kind === "lambda") return { ...expr, body: spaced(expr.body) };
  return expr;
}
