/** Which modules make a machine. */
import { posix } from "node:path";
import type { Fleet } from "../model/fleet.ts";
import type { NixModule } from "../model/nix-module.ts";
import type { NixExpr } from "../nixlang/tree.ts";

/** The module of a host or container, and the TypeScript modules that it imports, directly or not. */
export function machineModules(fleet: Fleet, name: string): NixModule[] {
  const machine = fleet.hosts[name] ?? fleet.containers[name];
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

/** Files that a module imports, relative to the project: those of TypeScript modules by what they are written to. */
export function importedFiles({ expr, file }: NixModule): string[] {
  const body = expr.kind === "lambda" ? expr.body : expr;
  if (body.kind !== "attrs") return [];
  const imports = body.entries.flatMap((entry) =>
    entry.kind === "binding" && entry.keys[0] === "imports" ? [entry.value] : [],
  );
  return imports.flatMap(pathsIn).map((path) => posix.normalize(posix.join(posix.dirname(file), path)));
}

// --- internal ---

/** Paths anywhere in the list: it may be joined, or depend on a condition. */
function pathsIn(expr: NixExpr): string[] {
  if (expr.kind === "path") return [expr.text];
  if (expr.kind === "list") return expr.items.flatMap(pathsIn);
  if (expr.kind === "binary") return [expr.left, expr.right].flatMap(pathsIn);
  if (expr.kind === "apply") return expr.args.flatMap(pathsIn);
  if (expr.kind === "if") return [expr.whenTrue, expr.whenFalse].flatMap(pathsIn);
  return [];
}
