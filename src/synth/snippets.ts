/** Nix that is the same in every flake, written as text. */
import type { NixExpr } from "../nixlang/tree.ts";

/** Text as an expression, without the indentation of the code around it; `\${` is Nix's own. It must stand as nixfmt would leave it. */
export function expression(template: TemplateStringsArray): NixExpr {
  return { kind: "raw", parts: [snippet(template)] };
}

/** The same as text, with a line break at its end. */
export function file(template: TemplateStringsArray): string {
  return `${snippet(template)}\n`;
}

// --- internal ---

function snippet(template: TemplateStringsArray): string {
  const text = (template.raw[0] ?? "")
    .replace(/\\(`|\$\{)/g, "$1")
    .replace(/^\n/, "")
    .trimEnd();
  const indent = /^ */.exec(text)?.[0].length ?? 0;
  return text.replace(new RegExp(`^ {${indent}}`, "gm"), "");
}
