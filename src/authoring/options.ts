/** Options as `opt` makes them, and what they mean to the compiler: the type of `cfg`, and of defaults. */
import { definition } from "./definitions.ts";
import type { Expr, NixValue, standsFor } from "./expr.ts";
import type { Origin } from "./origin.ts";
import type { Nix, Typed } from "./typed.ts";

/** An option of type `T`: becomes `lib.mkOption { ... }`, or as an element (`opt.listOf(opt.str())`) just its type. */
export interface Option<T> {
  readonly [definition]: "option";
  readonly type: OptionType;
  readonly spec: OptionSpec<T>;
  readonly origin: Origin;
}

/** How the type is written in Nix. */
export type OptionType =
  /** `lib.types.listOf ...`; among the arguments options stand for their types. */
  | { readonly kind: "lib"; readonly path: readonly string[]; readonly args: readonly unknown[] }
  /** A type that the user wrote in Nix. */
  | { readonly kind: "nix"; readonly type: unknown }
  /** `lib.mkEnableOption "..."`. */
  | { readonly kind: "enable"; readonly what: string }
  /** `lib.mkPackageOption pkgs "..." { ... }`. */
  | { readonly kind: "package"; readonly name: string | readonly string[] }
  /** `lib.types.submodule { options = ...; }`, or of a module function. */
  | { readonly kind: "submodule"; readonly module: unknown };

/** What `lib.mkOption` takes beside the type. */
export interface OptionSpec<T> {
  readonly default?: Value<T>;
  /** What the documentation shows for a default that is computed: text, or an expression. */
  readonly defaultText?: string | Expr;
  readonly example?: Value<T>;
  readonly description?: string;
  /** What readers of the option get, from what was set. */
  apply?(value: Expr<T>): NixValue;
  readonly readOnly?: boolean;
  readonly internal?: boolean;
  readonly visible?: boolean | "shallow";
  readonly relatedPackages?: NixValue;
}

/** Options in groups, as `options` of a module holds them. What Nix code declares (`lib.mkOption(...)`) may stand among them. */
export interface OptionTree {
  readonly [name: string]: Option<unknown> | Expr | OptionTree;
}

/** What an option tree is set to. */
export type OptionValues<Tree> = {
  readonly [Name in keyof Tree]: Tree[Name] extends Option<infer T>
    ? T
    : Tree[Name] extends Expr
      ? Expr
      : OptionValues<Tree[Name]>;
};

/** The type of what an option holds: `TypeOf<typeof port>`. */
export type TypeOf<O> = O extends Option<infer T> ? T : unknown;

/** Where a `T` is wanted: the value, or a reference anywhere in it. */
export type Value<T> =
  | Expr
  | Nix<T extends Expr ? unknown : T>
  | (T extends Expr
      ? never
      : T extends readonly (infer Element)[]
        ? readonly Value<Element>[]
        : T extends (...args: never) => unknown
          ? (...args: Expr[]) => NixValue
          : T extends object
            ? { readonly [Name in keyof T]?: Value<T[Name]> | undefined }
            : T);

type Scalar = string | number | bigint | boolean;

/**
 * A reference to a `T`: its attributes are references too, and names that were not declared do not compile. Where it is plain what it stands for, it
 * fits only where that is wanted.
 */
export type Ref<T> = [Exclude<T, null | undefined>] extends [infer Given]
  ? [Given] extends [Expr]
    ? Given
    : [Given] extends [Scalar | readonly Scalar[]]
      ? Typed<Given>
      : [Given] extends [readonly unknown[] | ((...args: never) => unknown)]
        ? Expr<Given>
        : [Given] extends [object]
          ? RefSet<Given>
          : Expr<Given>
  : never;

/** Callable as every reference is, so that the compiler refuses to take it for a condition. */
export type RefSet<T> = ((...args: never) => Expr) & { readonly [Name in keyof T]-?: Ref<T[Name]> } & {
  $(...names: readonly (string | Expr)[]): Expr;
  /** As in `Expr`: it fits wherever a reference is taken. */
  readonly [standsFor]: never;
};

/** Whether `opt` made it. */
export function isOption(value: unknown): value is Option<unknown> {
  return (
    typeof value === "object" &&
    value !== null &&
    (value as { readonly [definition]?: unknown })[definition] === "option"
  );
}

/** The settings of an option, in the order in which they are written. */
export const optionSettings = [
  "default",
  "defaultText",
  "example",
  "description",
  "apply",
  "readOnly",
  "internal",
  "visible",
  "relatedPackages",
] as const satisfies readonly (keyof OptionSpec<unknown>)[];
