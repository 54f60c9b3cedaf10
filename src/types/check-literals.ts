/** Literals that TypeScript takes and NixOS will not: numbers out of range, text that does not match, paths that are not absolute. */
import type { SourcePosition } from "../errors.ts";
import type { Problem } from "../model/plan.ts";
import type { NixBinding, NixExpr } from "../nixlang/tree.ts";
import { isHole, isOption, type OptionNode, type TypeNode } from "./dump.ts";
import { familyOf } from "./kinds.ts";
import { fromPosix } from "./posix-pattern.ts";
import { describeRange, isIntegerKind, rangeOf } from "./ranges.ts";

/** A module to check. `subject` names it in problems: `host crown`. */
export interface CheckedModule {
  readonly subject: string;
  /** Where the module is written, for values without a place of their own. */
  readonly source: SourcePosition;
  /** A whole file: a lambda of the module arguments, or an attribute set. */
  readonly expr: NixExpr;
}

/**
 * The problems with what a module says literally. Only what cannot be right is named: a value that Nix computes, a name or an option that is not
 * known, or a type with several alternatives of which one takes the value, is left to Nix.
 */
export function checkLiterals(options: Readonly<Record<string, OptionNode>>, module: CheckedModule): Problem[] {
  const problems: Problem[] = [];
  const body = module.expr.kind === "lambda" ? module.expr.body : module.expr;
  const report = (where: Where, message: string, hint?: string): void => {
    const { file, line, column } = where.at ?? module.source;
    problems.push({
      subject: module.subject,
      message: `"${shown(where.path)}" ${message}`,
      file,
      line,
      column,
      ...(hint === undefined ? {} : { hint }),
    });
  };
  checkSet({ options }, unwrap(body), { path: [], at: undefined }, report, true);
  return problems;
}

// --- internal ---

interface Where {
  readonly path: readonly string[];
  readonly at: SourcePosition | undefined;
}
type Report = (where: Where, message: string, hint?: string) => void;
interface Options {
  readonly options: Readonly<Record<string, OptionNode>>;
}

/** What belongs to the module and is no option. */
const MODULE_PARTS = new Set(["imports", "disabledModules", "options", "_module", "_file", "meta", "freeformType"]);
/** The functions that put a property on a definition, with the place of the definition among their arguments. */
const WRAPPERS: Readonly<Record<string, number>> = {
  mkForce: 0,
  mkDefault: 0,
  mkBefore: 0,
  mkAfter: 0,
  mkOptionDefault: 0,
  mkVMOverride: 0,
  mkOverride: 1,
  mkOrder: 1,
  mkIf: 1,
};

/** The definitions in an expression: itself, what a wrapper holds, each that `mkMerge` joins. */
function unwrap(expr: NixExpr): NixExpr[] {
  if (expr.kind !== "apply") return [expr];
  const name = expr.fn.kind === "select" && expr.fn.keys.length === 1 ? expr.fn.keys[0] : undefined;
  if (typeof name !== "string") return [];
  const [first] = expr.args;
  if (name === "mkMerge" && first?.kind === "list") return first.items.flatMap(unwrap);
  const held = Object.hasOwn(WRAPPERS, name) ? expr.args[WRAPPERS[name] as number] : undefined;
  return held === undefined ? [] : unwrap(held);
}

function checkSet(
  set: Options,
  definitions: readonly NixExpr[],
  where: Where,
  report: Report,
  isModule: boolean,
): void {
  for (const definition of definitions) {
    if (definition.kind !== "attrs") continue;
    for (const entry of definition.entries)
      if (entry.kind === "binding") checkBinding(set, entry, where, report, isModule);
  }
}

function checkBinding(set: Options, binding: NixBinding, where: Where, report: Report, isModule: boolean): void {
  const [key, ...rest] = binding.keys;
  if (typeof key !== "string" || (isModule && MODULE_PARTS.has(key))) return;
  const value: NixExpr = rest.length === 0 ? binding.value : { kind: "attrs", entries: [{ ...binding, keys: rest }] };
  const at = binding.value.at ?? binding.at ?? where.at;
  if (isModule && key === "config" && !Object.hasOwn(set.options, "config")) {
    checkSet(set, unwrap(value), { ...where, at }, report, false);
    return;
  }
  const node = Object.hasOwn(set.options, key) ? set.options[key] : undefined;
  const below: Where = { path: [...where.path, key], at };
  if (node === undefined || isHole(node)) return;
  if (isOption(node)) for (const definition of unwrap(value)) checkValue(node.type, definition, below, report);
  else checkSet(node, unwrap(value), below, report, false);
}

function checkValue(type: TypeNode, value: NixExpr, where: Where, report: Report): void {
  const here: Where = { ...where, at: value.at ?? where.at };
  const family = familyOf(type.kind);
  if (family === "either") checkEither(type, value, here, report);
  else if (family === "list") checkList(type, value, here, report);
  else if (family === "attributes") checkAttributes(type.elem, value, here, report);
  else if (family === "nullable" || family === "same") {
    if (type.elem !== undefined && value.kind !== "null") checkValue(type.elem, value, here, report);
  } else if (family === "submodule") {
    const isModule = type.isModule === true || value.kind === "lambda";
    if (type.options !== undefined) checkSet({ options: type.options }, [bodyOf(value)], here, report, isModule);
  } else {
    const refusal = refusalOf(type, value);
    if (refusal !== undefined) report(here, refusal.message, refusal.hint);
  }
}

function checkList(type: TypeNode, value: NixExpr, where: Where, report: Report): void {
  if (value.kind !== "list" || type.elem === undefined) return;
  if (type.nonEmpty === true && value.items.length === 0) report(where, "is an empty list, and must not be");
  for (const item of value.items) for (const one of unwrap(item)) checkValue(type.elem, one, where, report);
}

function bodyOf(value: NixExpr): NixExpr {
  return value.kind === "lambda" ? value.body : value;
}

function checkAttributes(elem: TypeNode | undefined, value: NixExpr, where: Where, report: Report): void {
  if (value.kind !== "attrs" || elem === undefined) return;
  for (const entry of value.entries) {
    if (entry.kind !== "binding" || typeof entry.keys[0] !== "string") continue;
    const [key, ...rest] = entry.keys as [string, ...NixBinding["keys"]];
    const inner: NixExpr = rest.length === 0 ? entry.value : { kind: "attrs", entries: [{ ...entry, keys: rest }] };
    const below: Where = { path: [...where.path, key], at: entry.value.at ?? entry.at ?? where.at };
    for (const definition of unwrap(inner)) checkValue(elem, definition, below, report);
  }
}

/** A problem only when every alternative that could take such a value refuses it. */
function checkEither(type: TypeNode, value: NixExpr, where: Where, report: Report): void {
  const found = alternativesOf(type).map((alternative) => {
    const problems: [Where, string, string | undefined][] = [];
    checkValue(alternative, value, where, (...problem) => problems.push([problem[0], problem[1], problem[2]]));
    return { takes: takes(alternative, value), problems };
  });
  const candidates = found.filter(({ takes }) => takes);
  const [first] = candidates;
  if (first === undefined || candidates.some(({ problems }) => problems.length === 0)) return;
  for (const [at, message, hint] of first.problems) report(at, message, hint);
}

function alternativesOf(type: TypeNode): TypeNode[] {
  if (type.kind !== "either") return [type];
  return [type.left, type.right].flatMap((side) => (side === undefined ? [] : alternativesOf(side)));
}

/** Whether a type may take a value of this kind at all. */
function takes(type: TypeNode, value: NixExpr): boolean {
  switch (familyOf(type.kind)) {
    case "boolean":
      return value.kind === "bool";
    case "number":
      return value.kind === "int" || value.kind === "float";
    case "string":
    case "path":
      return value.kind === "string";
    case "enum":
      return (type.values ?? []).includes(literalOf(value));
    case "list":
      return value.kind === "list";
    case "attributes":
    case "submodule":
      return value.kind === "attrs" || value.kind === "lambda";
    case "package":
    case "function":
      return false;
    default:
      return true;
  }
}

function literalOf(value: NixExpr): unknown {
  if (value.kind === "string") return plainText(value);
  if (value.kind === "null") return null;
  return value.kind === "int" || value.kind === "bool" || value.kind === "float" ? value.value : undefined;
}

interface Refusal {
  readonly message: string;
  readonly hint?: string;
}

function refusalOf(type: TypeNode, value: NixExpr): Refusal | undefined {
  if (value.kind === "int" || value.kind === "float") return refuseNumber(type, value.value);
  const text = value.kind === "string" ? plainText(value) : undefined;
  if (text === undefined) return undefined;
  if (familyOf(type.kind) === "path") return refusePath(type, text);
  return type.pattern === undefined || familyOf(type.kind) !== "string" ? undefined : refuseText(type.pattern, text);
}

function refuseNumber(type: TypeNode, value: number | bigint): Refusal | undefined {
  if (isIntegerKind(type.kind) && typeof value === "number" && !Number.isInteger(value))
    return { message: `is ${value}, and must be an integer` };
  const range = rangeOf(type);
  if (range === undefined) return undefined;
  const isBelow = range.min !== undefined && (range.isOpen === true ? value <= range.min : value < range.min);
  const isAbove = range.max !== undefined && value > range.max;
  return isBelow || isAbove ? { message: `is ${value}, and must be ${describeRange(range)}` } : undefined;
}

function refusePath(type: TypeNode, text: string): Refusal | undefined {
  if (type.relative === true || text.startsWith("/")) return undefined;
  return {
    message: `is "${text}", which is no absolute path`,
    hint: `Begin it with "/", or write nix.path("./${text.replace(/^\.\//, "")}") for a file of the project`,
  };
}

function refuseText(pattern: string, text: string): Refusal | undefined {
  const matches = fromPosix(pattern)?.test(text) ?? true;
  return matches ? undefined : { message: `is ${JSON.stringify(text)}, which does not match ${pattern}` };
}

/** The text of a string without antiquotations. */
function plainText(value: Extract<NixExpr, { kind: "string" }>): string | undefined {
  return value.parts.every((part) => typeof part === "string") ? value.parts.join("") : undefined;
}

function shown(path: readonly string[]): string {
  return path.map((part) => (/^[A-Za-z_][\w'-]*$/.test(part) ? part : JSON.stringify(part))).join(".");
}
