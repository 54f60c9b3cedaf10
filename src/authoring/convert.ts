/** Values of TypeScript to Nix trees: data as it is, references as what they recorded, functions as lambdas. */
import type { SourcePosition, SynthError } from "../errors.ts";
import { printFloat, printInt } from "../nixlang/numbers.ts";
import type { NixBinding, NixExpr, NixFormal, NixKey } from "../nixlang/tree.ts";
import { convertElement, convertOption, type OptionTools } from "./convert-option.ts";
import { definition, isDirReference, type ModuleDefinition, recogniseDefinition } from "./definitions.ts";
import { isOption, type Option } from "./options.ts";
import { type Origin, originSite } from "./origin.ts";
import { parametersOf } from "./parameters.ts";
import { placeOf, placeOfOrigin } from "./places.ts";
import { problem } from "./problem.ts";
import type { Recorded, Variable } from "./recorded.ts";
import { argumentsObject, isArgumentsObject, recordedOf } from "./reference.ts";
import type { Scope } from "./scope.ts";
import { optionPathAfter, pathOfReference, refuseSelfReference, wrapsOptions } from "./self-reference.ts";
import { splitTokens } from "./tokens.ts";

/** What is known at one place of the tree. */
export interface Here {
  readonly scope: Scope;
  /** Names on the way from the module's top, the last one first. */
  readonly path: PathStep | undefined;
  /** The option this value defines, where that is certain; for the check of self-references. */
  readonly option: readonly string[] | undefined;
  /** Objects on the way, to find cycles. */
  readonly above: { readonly object: object; readonly above: Here["above"] } | undefined;
  /** Where the definition was written, for values that have no place of their own. */
  readonly origin: Origin;
  /** The module arguments that the body has asked for; it grows while functions run. */
  readonly given: Map<string, Variable>;
  /** The variable that stands for the module's own options, and their path. */
  readonly own?: { readonly variable: Variable; readonly path: readonly string[] } | undefined;
  /** A module's file as a path from the file being written. */
  readonly modulePath: (definition: ModuleDefinition) => NixExpr;
  /** A path the user wrote, from the file being written. */
  readonly userPath: (text: string, file: string, refuse: (message: string, hint?: string) => Error) => NixExpr;
}

/** A key on the way; undefined where a name is only known to Nix. */
export interface PathStep {
  readonly key: string | undefined;
  readonly above: PathStep | undefined;
}

/** Throws SynthError, naming the option and the line, for what has no meaning in Nix. */
export function convert(value: unknown, here: Here): NixExpr {
  switch (typeof value) {
    case "string":
      return convertText(value, here);
    case "number":
    case "bigint":
      return convertNumber(value, here);
    case "boolean":
      return { kind: "bool", value };
    case "function": {
      const recorded = recordedOf(value);
      return recorded === undefined
        ? convertFunction(value as AnyFunction, here)
        : convertRecorded(value, recorded, here);
    }
    case "object":
      return value === null ? { kind: "null" } : convertObject(value, here);
    default:
      throw refusal(
        here,
        `holds ${typeof value === "symbol" ? "a symbol" : "undefined"}`,
        typeof value === "symbol" ? undefined : "Leave the element out, or write null",
      );
  }
}

/** A SynthError about the value at this place. */
export function refusal(here: Here, what: string, hint?: string, origin: Origin = here.origin): SynthError {
  return problem(`${placeName(here)} ${what}`, origin, hint);
}

/** One level further down, at an attribute's value. */
export function inAttribute(here: Here, key: string | undefined): Here {
  return { ...here, path: { key, above: here.path }, option: optionPathAfter(here.option, key) };
}

// --- internal ---

type AnyFunction = (...args: unknown[]) => unknown;

function placeName(here: Here): string {
  if (here.path === undefined) return "The module";
  const keys: string[] = [];
  for (let step: PathStep | undefined = here.path; step !== undefined; step = step.above) keys.unshift(step.key ?? "…");
  return `"${keys.join(".")}"`;
}

function convertNumber(value: number | bigint, here: Here): NixExpr {
  try {
    if (typeof value === "bigint" || Number.isInteger(value)) {
      printInt(value);
      return { kind: "int", value: Object.is(value, -0) ? 0 : value };
    }
    printFloat(value);
    return { kind: "float", value };
  } catch (error) {
    throw refusal(here, `holds ${value}: ${(error as Error).message}`, (error as { hint?: string }).hint);
  }
}

function convertText(text: string, here: Here): NixExpr {
  const parts = splitTokens(text, () => placeName(here), here.origin);
  return { kind: "string", parts: parts.map((part) => (typeof part === "string" ? part : convert(part.value, here))) };
}

function convertKey(key: string, here: Here): { readonly key: NixKey; readonly name: string | undefined } {
  const converted = convertText(key, here);
  if (converted.kind === "string" && converted.parts.every((part) => typeof part === "string"))
    return { key, name: key };
  return { key: converted, name: undefined };
}

function convertObject(value: object, here: Here): NixExpr {
  if (isAbove(value, here))
    throw refusal(here, "holds itself: the value is part of a cycle", "Share values with nix.let, or break the cycle");
  const inside: Here = { ...here, above: { object: value, above: here.above } };
  if (Array.isArray(value)) return convertArray(value, inside);
  if (isArgumentsObject(value))
    throw refusal(here, "holds all module arguments at once", "Pass the ones that are needed, by name");
  if (isOption(value)) return convertOption(value, optionTools(value, inside));
  const made = recogniseDefinition(value);
  if (made?.[definition] === "module") return here.modulePath(made);
  if (made !== undefined || isDirReference(value))
    throw refusal(
      here,
      `holds a ${made?.[definition] ?? "dir"} definition`,
      "Only modules can be imported: module(({ pkgs }) => ({ ... }))",
    );
  return convertAttributes(value, inside);
}

function isAbove(value: object, here: Here): boolean {
  for (let step = here.above; step !== undefined; step = step.above) if (step.object === value) return true;
  return false;
}

/** What an option says is no definition of it, so nothing in it counts as a reference to itself. */
function optionTools(option: Option<unknown>, here: Here): OptionTools {
  const place: Here = { ...here, origin: option.origin, option: undefined };
  return {
    convert: (value, key) => convert(value, key === undefined ? place : { ...place, path: { key, above: place.path } }),
    argument: (name) => {
      const variable = namedVariables(here.given)(name);
      const found = place.scope.lookUp(variable);
      // A submodule that asks for `lib` itself is given the same one.
      const isHidden = found !== "unknown" && "hiddenBy" in found;
      return { kind: "identifier", name: isHidden ? name : variableName(variable, place) };
    },
  };
}

function convertArray(items: readonly unknown[], here: Here): NixExpr {
  return {
    kind: "list",
    // Array.from reads holes as undefined, which `map` would skip.
    items: Array.from(items, (item, index) =>
      withPlace(
        convert(item, { ...here, path: { key: `[${index}]`, above: here.path } }),
        placeOf(items, String(index)),
      ),
    ),
  };
}

/** Trees are copied only where a place is known, which is when an error is being explained. */
function withPlace(expr: NixExpr, place: { readonly at?: SourcePosition }): NixExpr {
  return place.at === undefined ? expr : { ...expr, at: place.at };
}

function convertAttributes(value: object, here: Here): NixExpr {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null)
    throw refusal(here, `holds ${className(value)}, which is not plain data`, advice(value));
  if (Object.getOwnPropertySymbols(value).length > 0) throw refusal(here, "has a key that is a symbol");
  const entries: NixBinding[] = [];
  for (const [name, item] of Object.entries(value)) {
    if (item === undefined) continue;
    const converted = convertKey(name, here);
    const below = inAttribute(here, converted.name);
    // Among a module's attributes this one alone wants the type and not the option.
    const isType = name === "freeformType" && isOption(item);
    entries.push({
      kind: "binding",
      keys: [converted.key],
      value: isType ? convertElement(item, optionTools(item, below)) : convert(item, below),
      ...placeOf(value, name),
    });
  }
  return { kind: "attrs", entries };
}

function className(value: object): string {
  const name: unknown = (value.constructor as { readonly name?: unknown } | undefined)?.name;
  return typeof name === "string" && name !== "" ? `an object of class ${name}` : "an object with a prototype";
}

function advice(value: object): string {
  if (value instanceof Date) return "Write it as text: date.toISOString()";
  if (value instanceof Map) return "Use Object.fromEntries(map)";
  if (value instanceof Set) return "Use [...set]";
  if (value instanceof Promise) return "Await it at the top of the file, outside the module";
  return "Use plain objects, arrays, text, numbers, booleans and null";
}

function convertFunction(fn: AnyFunction, here: Here): NixExpr {
  const parameters = parametersOf(fn);
  if (!parameters.ok)
    throw refusal(here, `holds ${parameters.reason}`, "A plain function becomes a Nix function: (x) => ...");
  if (parameters.list.length === 0)
    throw refusal(here, "holds a function without parameters", "Every Nix function takes one: (_) => ...");
  const args: unknown[] = [];
  const patterns: Map<string, Variable>[] = [];
  const heads: ((body: NixExpr) => NixExpr)[] = [];
  let scope = here.scope;
  for (const parameter of parameters.list) {
    if (parameter.kind === "name") {
      const variable: Variable = { hint: parameter.name, origin: undefined };
      const bound = scope.withParameter(variable);
      scope = bound.scope;
      args.push(variableReference(variable));
      heads.push((body) => ({ kind: "lambda", param: { kind: "name", name: bound.name }, body }));
    } else {
      const names = new Map<string, Variable>();
      patterns.push(names);
      args.push(argumentsObject(namedVariables(names)));
      heads.push((body) => ({ kind: "lambda", param: { kind: "pattern", names: formals(names), open: true }, body }));
    }
  }
  const result = fn(...args);
  scope = scope.withFixed(patterns.flatMap((names) => [...names].map(([name, variable]) => ({ name, variable }))));
  if (result === undefined)
    throw refusal(
      here,
      "holds a function that returns nothing",
      "Return the value: (x) => ({ ... }) needs the parentheses",
    );
  // What a function makes is defined later and elsewhere: it says nothing about this option's own value.
  const body = convert(result, { ...here, scope, option: undefined });
  return heads.reduceRight((inner, head) => head(inner), body);
}

/** Variables made as they are asked for. */
export function namedVariables(names: Map<string, Variable>): (name: string) => Variable {
  return (name) => {
    const known = names.get(name) ?? { hint: name, origin: undefined };
    names.set(name, known);
    return known;
  };
}

function formals(names: ReadonlyMap<string, Variable>): NixFormal[] {
  return [...names.keys()].map((name) => ({ name }));
}

function variableReference(variable: Variable): unknown {
  const collected = new Map([[variable.hint, variable]]);
  return (argumentsObject(namedVariables(collected)) as Readonly<Record<string, unknown>>)[variable.hint];
}

function convertRecorded(reference: unknown, recorded: Recorded, here: Here): NixExpr {
  if (here.option !== undefined)
    refuseSelfReference(pathOfReference(reference, here.given.get("config"), here.own), here.option, (message, hint) =>
      problem(message, recorded.origin, hint),
    );
  return withPlace(convertForm(recorded, { ...here, origin: recorded.origin }), placeOfOrigin(recorded.origin));
}

function convertForm(recorded: Recorded, here: Here): NixExpr {
  switch (recorded.kind) {
    case "variable":
      return { kind: "identifier", name: variableName(recorded.variable, here) };
    case "select":
      return convertSelect(recorded, here);
    case "has":
      return { kind: "has", base: operand(recorded.base, here), keys: convertKeys(recorded.keys, here) };
    case "apply":
      return convertApply(recorded, here);
    case "raw":
      return {
        kind: "raw",
        parts: recorded.parts.map((part) => (typeof part === "string" ? part : operand(part.value, here))),
      };
    case "path":
      return here.userPath(recorded.text, originSite(recorded.origin)?.file ?? "", (message, hint) =>
        refusal(here, message, hint),
      );
    case "let":
      return convertLet(recorded, here);
    case "if":
      return {
        kind: "if",
        condition: operand(recorded.condition, here),
        whenTrue: convert(recorded.whenTrue, here),
        whenFalse: convert(recorded.whenFalse, here),
      };
    case "unary":
      return { kind: "unary", operator: recorded.operator, operand: operand(recorded.operand, here) };
    case "binary":
      return {
        kind: "binary",
        operator: recorded.operator,
        left: operand(recorded.left, here),
        right: operand(recorded.right, here),
      };
    case "constant":
      return recorded.expr;
    default:
      return recorded satisfies never;
  }
}

/** A part of an expression. It belongs to the option's own value, but the attributes of a set in it are not options. */
function operand(value: unknown, here: Here): NixExpr {
  return convert(value, typeof value === "object" ? { ...here, option: undefined } : here);
}

function variableName(variable: Variable, here: Here): string {
  const found = here.scope.lookUp(variable);
  if (found === "unknown") {
    throw refusal(
      here,
      `uses "${variable.hint}" outside the function that has it as a parameter`,
      "A reference is only valid inside its own function: pass the value on, or use the one of this module",
    );
  }
  if ("hiddenBy" in found)
    throw refusal(
      here,
      `uses an outer "${found.hiddenBy}" where an inner function has a parameter of that name`,
      "Bind the outer value with nix.let before the inner function",
    );
  return found.name;
}

function convertKeys(keys: readonly unknown[], here: Here): NixKey[] {
  return keys.map((key) => (typeof key === "string" ? convertKey(key, here).key : operand(key, here)));
}

function convertSelect(recorded: Extract<Recorded, { kind: "select" }>, here: Here): NixExpr {
  // The way to `config.a.b` leads over `config.a`, which is not what the value mentions.
  const base = convert(recorded.base, { ...here, option: undefined });
  const keys = convertKeys(recorded.keys, here);
  if (recorded.fallback !== undefined)
    return { kind: "select", base, keys, fallback: operand(recorded.fallback.value, here) };
  if (base.kind === "select" && base.fallback === undefined) return { ...base, keys: [...base.keys, ...keys] };
  return { kind: "select", base, keys };
}

function convertApply(recorded: Extract<Recorded, { kind: "apply" }>, here: Here): NixExpr {
  const wrapper = wrapsOptions(recorded.fn);
  const fn = operand(recorded.fn, here);
  const args = recorded.args.map((arg, index) => {
    const isContent = index === recorded.args.length - 1;
    if (wrapper && isContent) return convert(arg, here);
    // A condition before a group of options decides about those in the group, not about the others beside them.
    const guardsGroup = wrapper && typeof recorded.args.at(-1) === "object";
    return operand(arg, guardsGroup ? { ...here, option: undefined } : here);
  });
  return fn.kind === "apply" ? { ...fn, args: [...fn.args, ...args] } : { kind: "apply", fn, args };
}

function convertLet(recorded: Extract<Recorded, { kind: "let" }>, here: Here): NixExpr {
  const variables: Record<string, unknown> = {};
  const names: { readonly key: string; readonly name: string }[] = [];
  let scope = here.scope;
  for (const key of Object.keys(recorded.bindings)) {
    const variable: Variable = { hint: key, origin: recorded.origin };
    const bound = scope.withParameter(variable);
    scope = bound.scope;
    names.push({ key, name: bound.name });
    variables[key] = variableReference(variable);
  }
  if (names.length === 0) throw refusal(here, "has a nix.let without bindings");
  const body = recorded.body(variables as never);
  return {
    kind: "let",
    // The values are those of outside: Nix would let them see each other, which JavaScript did not say.
    entries: names.map(({ key, name }) => ({
      kind: "binding",
      keys: [name],
      value: convert(recorded.bindings[key], { ...here, option: undefined }),
    })),
    body: convert(body, { ...here, scope }),
  };
}
