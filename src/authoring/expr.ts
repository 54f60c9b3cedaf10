/**
 * A recorded piece of Nix: `pkgs.htop`, `config.networking.hostName`, `lib.mkIf`. It stands for a value that only Nix knows.
 * Selecting from it and calling it record more Nix; in a template string it becomes an antiquotation. It is declared callable
 * so that the TypeScript compiler refuses `if (ref)`, `ref ? a : b` and `ref && x`, which JavaScript would take as always true.
 * Names that are no JavaScript property are reached with `ref.$("name")`; for conditions see `lib.mkIf` and `nix.if`.
 * `T` is what it will be once Nix knows it, where that was declared; nothing depends on it but what editors show.
 */
export interface Expr<T = unknown> extends FunctionNames {
  (...args: readonly ExprArgument[]): Expr;
  readonly [name: string]: Expr;
  /** What it is, only Nix knows: it fits wherever a reference is taken. */
  readonly [standsFor]: never;
  readonly [meaning]?: T;
}

/** What JavaScript's functions have: of a reference these are attributes as any other, `pkgs.hello.name` and `lib.toString(5)`. */
interface FunctionNames {
  readonly name: Expr;
  readonly length: Expr;
  readonly prototype: Expr;
  readonly arguments: Expr;
  readonly caller: Expr;
  readonly apply: Expr;
  readonly bind: Expr;
  readonly call: Expr;
  /** Without an argument it is JavaScript's, and gives the text that stands for the reference. */
  readonly toString: Expr & (() => string);
}

/** For the compiler only: what a reference stands for. */
export declare const standsFor: unique symbol;

/** No property of this name exists. */
declare const meaning: unique symbol;

/** What can be given to a Nix function. */
export type ExprArgument = string | number | bigint | boolean | null | object | NixSet | NixFunction;

/** A value of TypeScript that has a meaning in Nix. `undefined` leaves its attribute out. */
export type NixValue = ExprArgument | readonly NixValue[] | undefined;

/** An attribute set: options and their values. */
export interface NixSet {
  readonly [name: string]: NixValue;
}

/** Becomes a Nix function; its parameters are references. */
export type NixFunction = (...args: Expr[]) => NixValue;
