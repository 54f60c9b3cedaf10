/** What can be seen in the modules of a fleet without evaluating them. */
import type { Fleet } from "../model/fleet.ts";
import type { NixModule } from "../model/nix-module.ts";
import type { NixExpr } from "../nixlang/tree.ts";
import { visit } from "../nixlang/visit.ts";

/** The module and every TypeScript module that it imports, directly or not, also as `inputs.self.nixosModules.NAME`. */
export function importedModules(module: NixModule, fleet: Fleet): NixModule[] {
  const byFile = new Map(Object.values(fleet.modules).map((each) => [each.file, each]));
  const published = publishedModules(fleet);
  const found = new Map<string, NixModule>();
  const follow = (each: NixModule): void => {
    if (found.has(each.file)) return;
    found.set(each.file, each);
    const names = ownModulesIn(each);
    for (const file of [...pathsIn(each), ...names.flatMap((name) => published.get(name) ?? [])]) {
      const next = byFile.get(file);
      if (next !== undefined) follow(next);
    }
  };
  follow(module);
  return [...found.values()];
}

/** The paths a module mentions, relative to the project. */
export function pathsIn(module: NixModule): string[] {
  const folder = module.file.split("/").slice(0, -1);
  const paths: string[] = [];
  visit(module.expr, (expr) => {
    if (expr.kind === "path") paths.push(resolveFrom(folder, expr.text));
  });
  return paths;
}

/** Whether a module defines options of the group: at its top, under `config`, or in `lib.mkIf` and `lib.mkMerge` there. */
export function setsOption(module: NixModule, group: string): boolean {
  return definesGroup(module.expr, group, true);
}

/** Whether a module names the flake's input: `inputs.home-manager`. */
export function mentionsInput(module: NixModule, input: string): boolean {
  let isFound = false;
  visit(module.expr, (expr) => {
    if (expr.kind === "select" && expr.base.kind === "identifier" && expr.base.name === "inputs")
      isFound ||= expr.keys[0] === input;
    if (expr.kind === "raw")
      isFound ||= expr.parts.some((part) => typeof part === "string" && part.includes(`inputs.${input}`));
  });
  return isFound;
}

// --- internal ---

/** The files of the modules that the flake offers, by name. */
function publishedModules({ outputs }: Fleet): Map<string, string> {
  const tree = outputs?.nixosModules;
  if (tree?.kind !== "attrs") return new Map();
  return new Map(
    tree.entries.flatMap((entry) => {
      if (entry.kind !== "binding" || entry.keys.length !== 1 || entry.value.kind !== "path") return [];
      return [[String(entry.keys[0]), resolveFrom([], entry.value.text)] as const];
    }),
  );
}

/** `base` for `inputs.self.nixosModules.base`. */
function ownModulesIn(module: NixModule): string[] {
  const names: string[] = [];
  visit(module.expr, (expr) => {
    if (expr.kind !== "select" || expr.base.kind !== "identifier" || expr.base.name !== "inputs") return;
    const [first, second, name] = expr.keys;
    if (first === "self" && second === "nixosModules" && typeof name === "string") names.push(name);
  });
  return names;
}

/** A relative path from a folder, without `.` and `..`; the project itself is "". */
export function resolveFrom(folder: readonly string[], text: string): string {
  const parts = [...folder];
  for (const part of text.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "." && part !== "") parts.push(part);
  }
  return parts.join("/");
}

function definesGroup(expr: NixExpr, group: string, isTop: boolean): boolean {
  switch (expr.kind) {
    case "lambda":
    case "let":
      return definesGroup(expr.body, group, isTop);
    case "apply": {
      const last = expr.args.at(-1);
      return last !== undefined && definesGroup(last, group, isTop);
    }
    case "list":
      return expr.items.some((item) => definesGroup(item, group, isTop));
    case "attrs":
      return expr.entries.some(
        (entry) =>
          entry.kind === "binding" &&
          (entry.keys[0] === group || (isTop && entry.keys[0] === "config" && definesGroup(entry.value, group, false))),
      );
    default:
      return false;
  }
}
