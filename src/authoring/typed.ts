/**
 * The types that `floe types` builds on. What it writes into `.floe/types` fills `NixTypes`; from then on modules are checked against
 * the options of the fleet's own nixpkgs. Nothing here exists at run time.
 */
import type { Expr, ExprArgument, standsFor } from "./expr.ts";
import type { NixTypes } from "./nix-types.ts";

/** A part of `NixTypes` where it is known, else what untyped code has. */
export type Registered<Name extends string, Untyped> = NixTypes extends { readonly [Key in Name]: infer Known }
  ? Known
  : Untyped;

declare const packaged: unique symbol;

/** A `T` that only Nix knows: a reference, or a definition with a property, such as `lib.mkForce` makes. */
export interface Nix<out T> {
  readonly [standsFor]: T;
}

/** A reference that stands for a `T`: `config.networking.hostName`. Callable for the same reason as `Expr`. */
export interface Typed<out T> extends Nix<T> {
  (...args: readonly ExprArgument[]): Expr;
}

/** What can be given where Nix wants a `T`. */
export type V<T> = T | Nix<T>;

/** What can be given for a submodule: also a function of its arguments, `name` and `config` among them. */
export type Sub<T> = V<T> | ((args: SubmoduleArguments) => V<T>);

export type SubmoduleArguments = { readonly [name: string]: Expr };

/** Any value: Nix does not say what it takes here. */
export type NixAny = unknown;

/** A derivation. Only Nix has them: see `pkgs`. */
export interface NixPackage {
  readonly [packaged]: true;
}

/** An absolute path as text, a path of the project (`nix.path`), or a package, which stands for its folder. */
export type NixPath = string | NixPackage;

/** A package of `pkgs`: has attributes (`pkgs.openssl.dev`) and may be a function (`pkgs.writeText`). */
export interface Pkg {
  (...args: readonly ExprArgument[]): Expr;
  readonly [name: string]: Expr;
  readonly [standsFor]: NixPackage;
}

/** What `config` gives where the configuration takes a `T`: the same names, every value a reference. */
export type Ref<T> = unknown extends T ? Expr : RefOf<Exclude<T, Nix<unknown> | null | undefined | AnyFunction>>;

type AnyFunction = (...args: never[]) => unknown;
type Scalar = string | number | bigint | boolean | NixPackage | readonly unknown[];

// In brackets: unions are looked at as a whole, so that "a" | "b" stays one reference.
type RefOf<T> = [T] extends [never]
  ? Expr
  : [T] extends [Scalar]
    ? Typed<T>
    : [Extract<T, Scalar>] extends [never]
      ? { readonly [Name in keyof T]-?: Ref<T[Name]> } & Typed<T>
      : Expr;

/** What a module has besides options. */
export interface ModuleParts<Options> {
  readonly imports?: readonly unknown[];
  readonly disabledModules?: readonly unknown[];
  /** `object`, because `module` takes a function there. */
  readonly options?: object | { readonly [name: string]: unknown };
  readonly config?: V<Options>;
}

/**
 * What `Given` must be to fit `Shape`, laid out as `Given` is: `Shape`'s type at each value, and a refusal at each name that `Shape` does
 * not have. TypeScript itself looks for unknown names in a literal, but not in the literal that a function returns, and modules are
 * functions; and against a type of this form it reports a mistake at its own line.
 */
export type Checked<Given, Shape> = unknown extends Shape
  ? unknown
  : Given extends Nix<unknown> | Scalar | null | undefined
    ? Given extends readonly (infer Element)[]
      ? [ElementOf<Shape>] extends [never]
        ? Shape
        : readonly Checked<Element, ElementOf<Shape>>[]
      : Shape
    : Given extends (...args: never[]) => infer Result
      ? [Extract<Shape, AnyFunction>] extends [never]
        ? Shape
        : (...args: Parameters<Extract<Shape, AnyFunction>>) => Checked<Result, Shape>
      : CheckedSet<Given, Exclude<Shape, Nix<unknown> | Scalar | AnyFunction | null | undefined>, Shape>;

type CheckedSet<Given, Set, Shape> = [Set] extends [never]
  ? Shape
  : {
      readonly [Name in keyof Given]: [At<Set, Name>] extends [never]
        ? UnknownName<Name>
        : Checked<Given[Name], At<Set, Name>>;
    };

// Distributes over the alternatives of a union.
type At<Set, Name> = Set extends unknown
  ? Name extends keyof Set
    ? Set[Name]
    : string extends keyof Set
      ? Set[string & keyof Set]
      : never
  : never;
type ElementOf<Shape> = Shape extends readonly (infer Element)[] ? Element : never;
type UnknownName<Name> = Name extends string ? `There is no option "${Name}" here` : never;

/** `lib`: the functions that wrap a definition keep its type, all others are untyped. */
export type NixLib = Wrappers & Expr;

interface Wrappers {
  mkDefault<T>(value: V<NoInfer<T>>): Nix<T>;
  mkForce<T>(value: V<NoInfer<T>>): Nix<T>;
  mkVMOverride<T>(value: V<NoInfer<T>>): Nix<T>;
  mkOptionDefault<T>(value: V<NoInfer<T>>): Nix<T>;
  mkBefore<T>(value: V<NoInfer<T>>): Nix<T>;
  mkAfter<T>(value: V<NoInfer<T>>): Nix<T>;
  mkOverride<T>(priority: number, value: V<NoInfer<T>>): Nix<T>;
  mkOrder<T>(priority: number, value: V<NoInfer<T>>): Nix<T>;
  mkIf<T>(condition: V<boolean>, value: V<NoInfer<T>>): Nix<T>;
  mkMerge<T>(values: readonly V<NoInfer<T>>[] | Nix<readonly unknown[]>): Nix<T>;
}
