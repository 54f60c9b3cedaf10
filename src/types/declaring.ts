/** The parts of a module that decide which options there are; all other changes leave the types as they are. */
import type { NixModule } from "../model/nix-module.ts";
import { printExpr } from "../nixlang/print.ts";
import type { NixEntry, NixExpr } from "../nixlang/tree.ts";

const DECLARING = new Set(["imports", "disabledModules", "options", "_module", "freeformType", "nixpkgs"]);

/**
 * Nix text that is equal for two modules when they declare the same. A type that depends on the value of an option set elsewhere (an enum of
 * names that the configuration lists) is not seen: `floe types` reads everything anew.
 */
export function declaringText(module: NixModule): string {
  const { expr } = module;
  const body = expr.kind === "lambda" ? expr.body : expr;
  if (body.kind !== "attrs") return printExpr(expr);
  const entries = body.entries.filter(isDeclaring);
  const parts: NixExpr = { kind: "attrs", entries };
  return `${printExpr(expr.kind === "lambda" ? { ...expr, param: { kind: "name", name: "_" }, body: parts } : parts)}${setsHome(body.entries) ? " home" : ""}`;
}

// --- internal ---

function isDeclaring(entry: NixEntry): boolean {
  return entry.kind === "inherit" || typeof entry.keys[0] !== "string" || DECLARING.has(entry.keys[0]);
}

/** A machine that sets these options is given home-manager's module. */
function setsHome(entries: readonly NixEntry[]): boolean {
  return entries.some((entry) => entry.kind === "binding" && entry.keys[0] === "home-manager");
}
