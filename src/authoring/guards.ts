/**
 * JavaScript takes every reference for true, for no text and for equal to nothing but itself, and asks nobody. The files of a
 * project are compiled so that they ask here first: what would silently be wrong throws, with its line.
 */
import { definition, recogniseDefinition } from "./definitions.ts";
import { captureOrigin } from "./origin.ts";
import { problem } from "./problem.ts";
import { describe, recordedOf } from "./reference.ts";
import { holdsToken } from "./tokens.ts";

/** What compiled files call. */
export interface Guards {
  /** A value that is used as a condition: `if (x)`, `x ? a : b`, `x && y`, `x || y`, `!x`. */
  truth(value: unknown): unknown;
  /** A value that is compared: `x === y`, `switch (x)`. */
  compared(value: unknown): unknown;
  /** A value that is put into text: `` `${x}` ``, `"a" + x`. */
  text(value: unknown): unknown;
  /** `left + right`. */
  plus(left: never, right: never): unknown;
  /** `owner[key]`, where it stands before `??` or is compared with null. */
  member(owner: never, key: never): unknown;
  /** The key of `owner[key]` where that is read. */
  lookedUp(key: unknown, owner: unknown): unknown;
}

/** `globalThis[Symbol.for("floe.guards")]` in the compiled files. */
export const guardsSymbolName = "floe.guards";

/** Makes the guards known to compiled files. */
export function installGuards(): void {
  (globalThis as { [key]?: Guards })[key] = guards;
}

// --- internal ---

const key: unique symbol = Symbol.for(guardsSymbolName) as never;

const guards: Guards = {
  truth(value) {
    if (recordedOf(value) === undefined) return value;
    throw problem(
      `Cannot ask in TypeScript whether ${describe(value)} is true: only Nix knows`,
      captureOrigin(guards.truth),
      "For options use lib.mkIf(condition, ...) or lib.optional(condition, ...), else nix.if, nix.and, nix.or, nix.not; whether an argument was given is asked with `=== undefined`",
    );
  },
  compared(value) {
    const isText = typeof value === "string" && holdsToken(value);
    if (!isText && recordedOf(value) === undefined) return value;
    throw problem(
      `Cannot compare ${isText ? "text with a reference in it" : describe(value)} in TypeScript: only Nix knows its value`,
      captureOrigin(guards.compared),
      "Use nix.eq(a, b), or nix`${a} != ${b}`",
    );
  },
  text: (value) => asText(value, guards.text),
  plus(left: unknown, right: unknown) {
    const [first, second] = [recordedOf(left), recordedOf(right)];
    const isText = typeof left === "string" || typeof right === "string";
    if (isText) return (asText(left, guards.plus) as string) + (asText(right, guards.plus) as string);
    if (first === undefined && second === undefined) return (left as string) + (right as string);
    throw problem(
      `Cannot add ${describe(first === undefined ? right : left)} in TypeScript: only Nix knows its value`,
      captureOrigin(guards.plus),
      "For numbers nix`${a} + ${b}`, for text `${a}${b}`, for lists nix.concat(a, b)",
    );
  },
  lookedUp(key, owner) {
    const isText = typeof key === "string" && holdsToken(key);
    if (!isText && recordedOf(key) === undefined) return key;
    // Nix looks it up in what it knows; and a key with a reference in it may have been set in TypeScript.
    if (recordedOf(owner) !== undefined || Object.hasOwn(Object(owner), `${key as string}`)) return key;
    throw problem(
      `Cannot look up ${isText ? "text with a reference in it" : describe(key)} in TypeScript: only Nix knows its value`,
      captureOrigin(guards.lookedUp),
      "Look it up in Nix: nix`${set}.${key}`",
    );
  },
  member(owner: Readonly<Record<PropertyKey, unknown>>, name: PropertyKey) {
    if (recordedOf(owner) === undefined) return owner[name];
    throw problem(
      `Cannot tell in TypeScript whether ${describe(owner)} has "${String(name)}": only Nix knows`,
      captureOrigin(guards.member),
      `Use nix.get(${describe(owner)}, ${JSON.stringify(String(name))}, fallback)`,
    );
  },
};

function asText(value: unknown, callee: (...args: never[]) => unknown): unknown {
  const what = recordedOf(value) === undefined ? unlikeText(value) : undefined;
  if (what === undefined) return value;
  throw problem(
    `Cannot put ${what} into text`,
    captureOrigin(callee),
    "Give a string, a number or a reference; join arrays with .join(...)",
  );
}

/** What JavaScript turns into text that nobody means: `undefined`, `[object Object]`, the source of a function. */
function unlikeText(value: unknown): string | undefined {
  if (value === undefined || value === null) return String(value);
  if (typeof value === "function") return "a function";
  if (typeof value !== "object") return undefined;
  if (Array.isArray(value)) return "an array";
  const made = recogniseDefinition(value)?.[definition];
  if (made !== undefined) return `a ${made} definition`;
  return (value as object).toString === Object.prototype.toString ? "an object" : undefined;
}
