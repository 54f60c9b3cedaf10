/**
 * JavaScript takes every reference for true, for no text and for equal to nothing but itself, and asks nobody. The files of a
 * project are compiled so that they ask here first: what would silently be wrong throws, with its line.
 */
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
  /** `left + right`. */
  plus(left: never, right: never): unknown;
  /** `owner[key]`, where it stands before `??`. */
  member(owner: never, key: never): unknown;
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
  plus(left: unknown, right: unknown) {
    const [first, second] = [recordedOf(left), recordedOf(right)];
    const isText = typeof left === "string" || typeof right === "string";
    if ((first === undefined && second === undefined) || isText) return (left as string) + (right as string);
    throw problem(
      `Cannot add ${describe(first === undefined ? right : left)} in TypeScript: only Nix knows its value`,
      captureOrigin(guards.plus),
      "For numbers nix`${a} + ${b}`, for text `${a}${b}`, for lists nix.concat(a, b)",
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
