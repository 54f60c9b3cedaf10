/** Which modules make a machine. */
import { posix } from "node:path";
import type { Fleet } from "../model/fleet.ts";
import type { NixModule } from "../model/nix-module.ts";
import type { AskedOutput } from "../nix/ask.ts";
import type { NixExpr } from "../nixlang/tree.ts";
import { visit } from "../nixlang/visit.ts";

/** The module of a host or container, and the TypeScript modules that it imports, directly or not, also for a home in it. */
export function machineModules(fleet: Fleet, name: string): NixModule[] {
  return withImported(fleet, fleet.hosts[name] ?? fleet.containers[name]);
}

/** The same for a standalone home. */
export function homeModules(fleet: Fleet, name: string): NixModule[] {
  return withImported(fleet, fleet.homes?.[name]);
}

/** The output of the flake in which a host, container or home is. One name for two machines means the first of these. */
export function outputOf(fleet: Fleet, name: string): AskedOutput {
  return name in fleet.hosts || name in fleet.containers || !(name in (fleet.homes ?? {}))
    ? "nixosConfigurations"
    : "homeConfigurations";
}

/** Files that a module imports, relative to the project: those of TypeScript modules by what they are written to. */
export function importedFiles({ expr, file }: NixModule): string[] {
  const found: string[] = [];
  visit(expr, (part) => {
    if (part.kind !== "attrs") return;
    for (const entry of part.entries)
      if (entry.kind === "binding" && entry.keys.at(-1) === "imports") found.push(...pathsIn(entry.value));
  });
  return found.map((path) => posix.normalize(posix.join(posix.dirname(file), path)));
}

// --- internal ---

function withImported(fleet: Fleet, machine: { readonly module: NixModule } | undefined): NixModule[] {
  if (machine === undefined) return [];
  const byFile = new Map(Object.values(fleet.modules).map((module) => [module.file, module]));
  const found = new Map([[machine.module.file, machine.module]]);
  for (const module of found.values()) {
    for (const file of importedFiles(module)) {
      const imported = byFile.get(file);
      if (imported !== undefined) found.set(file, imported);
    }
  }
  return [...found.values()];
}

/** Paths anywhere in the list: it may be joined, or depend on a condition. */
function pathsIn(expr: NixExpr): string[] {
  if (expr.kind === "path") return [expr.text];
  if (expr.kind === "list") return expr.items.flatMap(pathsIn);
  if (expr.kind === "binary") return [expr.left, expr.right].flatMap(pathsIn);
  if (expr.kind === "apply") return expr.args.flatMap(pathsIn);
  if (expr.kind === "if") return [expr.whenTrue, expr.whenFalse].flatMap(pathsIn);
  return [];
}
