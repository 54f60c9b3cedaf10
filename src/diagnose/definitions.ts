/**
 * Where the trees of a fleet define an option. The trees are those of the instrumented second load, so their parts know their places.
 * What only Nix can decide (conditions, functions of attribute sets) is passed through: every definition that may be meant is found.
 */
import type { SourcePosition } from "../errors.ts";
import type { OptionPath } from "../model/evaluation.ts";
import type { NixModule } from "../model/nix-module.ts";
import type { NixBinding, NixExpr, NixKey } from "../nixlang/tree.ts";

/** A definition in TypeScript. */
export interface FoundDefinition {
  readonly at: SourcePosition;
  readonly value: NixExpr;
  /** As the module system counts: 100 by itself, 50 for `mkForce`, 1000 for `mkDefault`; undefined where only Nix knows. */
  readonly priority: number | undefined;
  /** It stands below an `mkIf` or another condition. */
  readonly conditional: boolean;
  /** The names that were found, as they are written: a name with dots is one. */
  readonly names: readonly string[];
  /** How many of the path's names were found; all of them unless nothing nearer exists. */
  readonly depth: number;
}

/** The definitions of an option in some modules; where there is none, the nearest groups around where it would stand. */
export function findDefinitions(modules: readonly NixModule[], option: OptionPath): FoundDefinition[] {
  const found: FoundDefinition[] = [];
  for (const module of modules)
    visit(bodyOf(module.expr), option, 0, { at: module.source, priority: 100, conditional: false, names: [] }, found);
  const deepest = Math.max(0, ...found.map(({ depth }) => depth));
  return found.filter(({ depth }) => depth === deepest && depth > 0);
}

/** The place of a reference by the name it selects, in the order in which the module is printed. */
export function findSelections(
  module: NixModule,
  name: string,
): { readonly at: SourcePosition; readonly path: string }[] {
  const found: { at: SourcePosition; path: string }[] = [];
  walk(module.expr, module.source, (expr, at) => {
    if (expr.kind === "select" && expr.keys.includes(name))
      found.push({ at: expr.at ?? at, path: selectionText(expr) });
    if (expr.kind === "raw") {
      for (const _ of expr.parts.flatMap((part) =>
        typeof part === "string" ? [...part.matchAll(wordPattern(name))] : [],
      ))
        found.push({ at: expr.at ?? at, path: name });
    }
  });
  return found;
}

/** The place of a text in a module: the message of an assertion. A reference in it stands for any text. */
export function findText(module: NixModule, text: string): SourcePosition | undefined {
  let found: SourcePosition | undefined;
  walk(module.expr, module.source, (expr, at) => {
    if (found !== undefined || expr.kind !== "string") return;
    if (
      expr.parts.some((part) => typeof part === "string" && part.trim() !== "") &&
      textPattern(expr.parts).test(text.trim())
    )
      found = expr.at ?? at;
  });
  return found;
}

/** The options of a module that are set to something other than a set or list. */
export function leafPaths(module: NixModule): string[][] {
  const found: string[][] = [];
  const descend = (expr: NixExpr, path: readonly string[]): void => {
    const wrapped = openWrapper(expr, { at: module.source, priority: undefined, conditional: false, names: [] });
    const body = bodyOfFunction(expr);
    if (wrapped !== undefined) for (const [inner] of wrapped) descend(inner, path);
    else if (body?.kind === "attrs" && path.length > 0) descend(body, path);
    else if (expr.kind !== "attrs") found.push([...path]);
    else {
      for (const entry of expr.entries) {
        if (entry.kind === "binding" && entry.keys.every((key) => typeof key === "string"))
          descend(entry.value, [...path, ...entry.keys]);
      }
    }
  };
  descend(bodyOf(module.expr), []);
  return found.filter((path) => path[0] !== "imports" && path[0] !== "_file");
}

/** Every name that follows a dot, as a whole word. */
export function wordPattern(name: string): RegExp {
  const escaped = name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`\\.\\s*"?${escaped}(?![\\w'-])`, "g");
}

// --- internal ---

type Context = Omit<FoundDefinition, "value" | "depth">;

/** A module's content: what its function returns, with `config` opened where the module has that form. */
function bodyOf(expr: NixExpr): NixExpr {
  if (expr.kind === "lambda" || expr.kind === "let") return bodyOf(expr.body);
  const config =
    expr.kind === "attrs"
      ? expr.entries.find((entry): entry is NixBinding => entry.kind === "binding" && entry.keys[0] === "config")
      : undefined;
  if (config === undefined) return expr;
  return config.keys.length === 1
    ? config.value
    : { kind: "attrs", entries: [{ ...config, keys: config.keys.slice(1) }] };
}

/** A function of a submodule's arguments, such as a home of a host; undefined for what is none. */
function bodyOfFunction(expr: NixExpr): NixExpr | undefined {
  return expr.kind === "lambda" || expr.kind === "let" ? (bodyOfFunction(expr.body) ?? expr.body) : undefined;
}

function visit(expr: NixExpr, path: OptionPath, index: number, context: Context, found: FoundDefinition[]): void {
  const wrapped = openWrapper(expr, context);
  if (wrapped !== undefined) {
    for (const [inner, its] of wrapped) visit(inner, path, index, its, found);
    return;
  }
  found.push({ ...context, value: expr, depth: index });
  if (index === path.length) return;
  const next = (inner: NixExpr, changes: Partial<Context> = {}) =>
    visit(inner, path, index, { ...context, ...changes }, found);
  if (expr.kind === "attrs") {
    for (const entry of expr.entries) {
      if (entry.kind !== "binding") continue;
      const at = entry.at ?? entry.value.at ?? context.at;
      const names = entry.keys.map((key, offset) => (typeof key === "string" ? key : (path[index + offset] ?? "")));
      for (const end of matchKeys(entry.keys, path, index))
        visit(entry.value, path, end, { ...context, at, names: [...context.names, ...names] }, found);
    }
  } else if (expr.kind === "list") {
    const entry = /^\[definition \d+-entry (\d+)\]$/.exec(path[index] ?? "")?.[1];
    const item = entry === undefined ? undefined : expr.items[Number(entry) - 1];
    if (item !== undefined)
      visit(
        item,
        path,
        index + 1,
        { ...context, at: item.at ?? context.at, names: [...context.names, path[index] ?? ""] },
        found,
      );
  } else if (expr.kind === "lambda" || expr.kind === "let") next(expr.body);
  else if (expr.kind === "if")
    for (const branch of [expr.whenTrue, expr.whenFalse]) next(branch, { conditional: true });
  else if (expr.kind === "binary") for (const side of [expr.right, expr.left]) next(side);
  // A function that makes the set: its arguments hold the names.
  else if (expr.kind === "apply")
    for (const argument of expr.args) next(argument, { priority: undefined, conditional: true });
}

/** What `mkIf`, `mkMerge`, `mkForce` and the like hold, with what they say about it. */
function openWrapper(expr: NixExpr, context: Context): (readonly [NixExpr, Context])[] | undefined {
  if (expr.kind !== "apply") return undefined;
  const name =
    expr.fn.kind === "select" ? expr.fn.keys.at(-1) : expr.fn.kind === "identifier" ? expr.fn.name : undefined;
  const content = expr.args.at(-1);
  if (typeof name !== "string" || content === undefined) return undefined;
  if (name === "mkIf") return [[content, { ...context, conditional: true }]];
  if (name === "mkMerge" && content.kind === "list")
    return content.items.map((item) => [item, { ...context, at: item.at ?? context.at }] as const);
  if (name === "mkOverride" && expr.args.length === 2)
    return [[content, { ...context, priority: expr.args[0]?.kind === "int" ? Number(expr.args[0].value) : undefined }]];
  const priority = priorities[name];
  if (priority !== undefined) return [[content, { ...context, priority }]];
  return name === "mkBefore" || name === "mkAfter" || name === "mkOrder" ? [[content, context]] : undefined;
}

const priorities: Readonly<Record<string, number>> = {
  mkVMOverride: 10,
  mkForce: 50,
  mkImageMediaOverride: 60,
  mkDefault: 1000,
  mkOptionDefault: 1500,
};

/** Where in the path a binding's keys may end. A name that holds dots may be several names of the path: old messages do not quote it. */
function matchKeys(keys: readonly NixKey[], path: OptionPath, start: number): number[] {
  let ends = [start];
  for (const key of keys) {
    ends = ends.flatMap((index) => {
      if (index >= path.length) return [];
      // A key that only Nix knows fits any one name.
      if (typeof key !== "string" || path[index] === key) return [index + 1];
      const parts = key.split(".");
      return parts.length > 1 && parts.every((part, offset) => path[index + offset] === part)
        ? [index + parts.length]
        : [];
    });
  }
  return ends;
}

function walk(expr: NixExpr, around: SourcePosition, see: (expr: NixExpr, at: SourcePosition) => void): void {
  const at = expr.at ?? around;
  see(expr, around);
  const each = (parts: readonly (string | NixExpr)[]) => {
    for (const part of parts) if (typeof part !== "string") walk(part, at, see);
  };
  switch (expr.kind) {
    case "string":
    case "raw":
      each(expr.parts);
      break;
    case "list":
      each(expr.items);
      break;
    case "attrs":
    case "let":
      for (const entry of expr.entries) {
        if (entry.kind === "inherit") {
          if (entry.from !== undefined) walk(entry.from, at, see);
          continue;
        }
        const place = entry.at ?? at;
        for (const key of entry.keys) if (typeof key !== "string") walk(key, place, see);
        walk(entry.value, place, see);
      }
      if (expr.kind === "let") walk(expr.body, at, see);
      break;
    case "select":
      each([expr.base, ...expr.keys, ...(expr.fallback === undefined ? [] : [expr.fallback])]);
      break;
    case "has":
      each([expr.base, ...expr.keys]);
      break;
    case "apply":
      each([expr.fn, ...expr.args]);
      break;
    case "lambda":
      walk(expr.body, at, see);
      break;
    case "if":
      each([expr.condition, expr.whenTrue, expr.whenFalse]);
      break;
    case "with":
      each([expr.scope, expr.body]);
      break;
    case "unary":
      walk(expr.operand, at, see);
      break;
    case "binary":
      each([expr.left, expr.right]);
      break;
    default:
      return;
  }
}

function selectionText(expr: NixExpr): string {
  if (expr.kind === "identifier") return expr.name;
  if (expr.kind === "select")
    return [selectionText(expr.base), ...expr.keys.map((key) => (typeof key === "string" ? key : "…"))].join(".");
  return "…";
}

function textPattern(parts: readonly (string | NixExpr)[]): RegExp {
  const pieces = parts.map((part) =>
    typeof part === "string" ? part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&") : "[\\s\\S]*",
  );
  return new RegExp(`^\\s*${pieces.join("")}\\s*$`);
}
