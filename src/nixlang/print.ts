/**
 * Trees to text, as nixfmt (RFC 166) leaves it: what floe writes is not changed by formatting it. Single keys are joined with
 * dots, parentheses stand only where Nix needs them. The same tree always gives the same bytes.
 */
import { type Doc, emptyLine, group, hardLine, text } from "./doc.ts";
import { layout } from "./layout.ts";
import { printed } from "./print-expr.ts";
import type { NixExpr } from "./tree.ts";

export interface PrintOptions {
  /** Lines above the expression, each without its `# `. */
  readonly header?: readonly string[];
}

/** A whole file, with a newline at its end. Throws SynthError for numbers and raw text that cannot be Nix. */
export function printFile(expr: NixExpr, options: PrintOptions = {}): string {
  const header = (options.header ?? []).map((line) => `# ${line}\n`).join("");
  return `${header}${layout(group(wholeFile(expr)))}\n`;
}

/** One expression, for messages and for tests. */
export function printExpr(expr: NixExpr): string {
  return layout(group(printed(expr)));
}

// --- internal ---

/** The outermost attribute set has blank lines between its groups, and so has the head of a module before it. */
function wholeFile(expr: NixExpr): Doc {
  if (expr.kind === "lambda" && expr.param.kind === "pattern") {
    const { param, body } = expr;
    return [...printed({ kind: "pattern", param }), ...text(":"), ...emptyLine, ...hardLine, ...wholeFile(body)];
  }
  return printed(spaced(expr));
}

function spaced(expr: NixExpr): NixExpr {
  if (expr.kind === "attrs") return { ...expr, spaced: true };
  if (expr.kind === "let") return { ...expr, spaced: true, body: spaced(expr.body) };
  if (expr.kind === "lambda") return { ...expr, body: spaced(expr.body) };
  return expr;
}
