/** The parts of a module that decide which options there are; all other changes leave the types as they are. */
import type { NixModule } from "../model/nix-module.ts";
import { printExpr } from "../nixlang/print.ts";
import type { NixEntry, NixExpr } from "../nixlang/tree.ts";

const DECLARING = new Set(["imports", "disabledModules", "options", "_module", "freeformType", "nixpkgs"]);

/**
 * Nix text that is equal for two modules when they declare the same. A type that depends on the value of an option set elsewhere (an enum of
 * names that the configuration lists) is not seen: `floe types` reads everything anew.
 */
export function declaringText(
  module: NixModule,
  readNix: (path: string) => string | undefined = () => undefined,
): string {
  const { expr } = module;
  const body = expr.kind === "lambda" ? expr.body : expr;
  if (body.kind !== "attrs") return printExpr(expr);
  const entries = body.entries.filter(isDeclaring).map((entry) => withoutPlainFiles(entry, readNix));
  const parts: NixExpr = { kind: "attrs", entries };
  return `${printExpr(expr.kind === "lambda" ? { ...expr, param: { kind: "name", name: "_" }, body: parts } : parts)}${setsHome(body.entries) ? " home" : ""}`;
}

// --- internal ---

/**
 * Imported `.nix` files that declare nothing, such as what nixos-generate-config finds on each machine, are named by what they import, so that the
 * machines still have the same options.
 */
function withoutPlainFiles(entry: NixEntry, readNix: (path: string) => string | undefined): NixEntry {
  if (entry.kind !== "binding" || entry.keys[0] !== "imports" || entry.value.kind !== "list") return entry;
  const items = entry.value.items.map((item): NixExpr => {
    const text = item.kind === "path" ? readNix(item.text) : undefined;
    const importing = text === undefined ? undefined : plainImports(text);
    return importing === undefined ? item : { kind: "string", parts: [importing] };
  });
  return { ...entry, value: { ...entry.value, items } };
}

/** What a file without declarations imports from nixpkgs; undefined for a file that may declare something. */
function plainImports(text: string): string | undefined {
  const imports = /\bimports\s*=\s*\[((?:\s*\(\s*modulesPath\s*\+\s*"[^"$]*"\s*\))*)\s*\]\s*;/;
  const found = imports.exec(text)?.[1] ?? "";
  const isPlain = !/\b(imports|options|mkOption|disabledModules|nixpkgs|freeformType|_module|home-manager)\b/.test(
    text.replace(imports, ""),
  );
  return isPlain ? found.replace(/\s+/g, " ").trim() : undefined;
}

function isDeclaring(entry: NixEntry): boolean {
  return entry.kind === "inherit" || typeof entry.keys[0] !== "string" || DECLARING.has(entry.keys[0]);
}

/** A machine that sets these options is given home-manager's module. */
function setsHome(entries: readonly NixEntry[]): boolean {
  return entries.some((entry) => entry.kind === "binding" && entry.keys[0] === "home-manager");
}
