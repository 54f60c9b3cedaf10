/** `opt`: the options that a module declares, one function for each type of NixOS. */
import { definition, type ModuleArguments } from "./definitions.ts";
import type { Expr, NixSet, NixValue } from "./expr.ts";
import {
  isOption,
  type Option,
  type OptionSpec,
  type OptionTree,
  type OptionType,
  type OptionValues,
  optionSettings,
} from "./options.ts";
import { captureOrigin } from "./origin.ts";
import { problem } from "./problem.ts";

/** What a submodule is a function of. */
export type SubmoduleArguments = ModuleArguments & {
  /** The name under which it was set. */
  readonly name: Expr;
};

/** A submodule that is more than its options: `freeformType`, `config`, `imports`. */
export interface SubmoduleBody<Options extends OptionTree> {
  readonly options: Options;
  readonly config?: NixSet | Expr;
  readonly imports?: readonly NixValue[];
  /** The type of what is set without being declared. */
  readonly freeformType?: Option<unknown> | Expr;
}

type Spec<T, A = NixValue> = Omit<OptionSpec<T>, "apply"> & { readonly apply?: (value: Expr<T>) => A };
/** An option of type `T`. `A` is what `apply` makes, and `never` without it: it has any type, which only Nix knows. */
type Applied<T, A> = Option<[A] extends [never] ? T : T | Expr>;
type Make<T> = <A = never>(spec?: Spec<T, A>) => Applied<T, A>;

/** Every function takes the option's own settings last: `opt.port({ default: 80, description: "..." })`. */
export const opt = {
  bool: simple<boolean>("bool"),
  /** Text; several definitions conflict. */
  str: simple<string>("str"),
  nonEmptyStr: simple<string>("nonEmptyStr"),
  singleLineStr: simple<string>("singleLineStr"),
  /** Text; several definitions are joined, a line break between them. */
  lines: simple<string>("lines"),
  commas: simple<string>("commas"),
  envVar: simple<string>("envVar"),
  /** A path of the project (`nix.path`), an absolute path as text, or a package. */
  path: simple<string | Expr>("path"),
  package: simple<Expr>("package"),
  shellPackage: simple<Expr>("shellPackage"),
  int: Object.assign(simple<number>("int"), {
    between: bounded("between"),
    positive: simple<number>("ints", "positive"),
    unsigned: simple<number>("ints", "unsigned"),
    u8: simple<number>("ints", "u8"),
    u16: simple<number>("ints", "u16"),
    u32: simple<number>("ints", "u32"),
    s8: simple<number>("ints", "s8"),
    s16: simple<number>("ints", "s16"),
    s32: simple<number>("ints", "s32"),
  }),
  float: simple<number>("float"),
  number: simple<number>("number"),
  /** 0 to 65535. */
  port: simple<number>("port"),
  attrs: simple<Readonly<Record<string, unknown>>>("attrs"),
  /** Any value, merged as deep as it goes. */
  anything: simple<unknown>("anything"),
  /** Any value, never merged. */
  raw: simple<unknown>("raw"),
  unspecified: simple<unknown>("unspecified"),
  /** A module that is evaluated later. */
  deferredModule: simple<NixSet>("deferredModule"),

  /** Text that matches a POSIX extended regular expression, as a whole. */
  strMatching: <A = never>(pattern: string, spec: Spec<string, A> = {}): Applied<string, A> =>
    make(opt.strMatching, { kind: "lib", path: ["strMatching"], args: [pattern] }, spec),
  /** Text; several definitions are joined with `separator`. */
  separatedString: <A = never>(separator: string, spec: Spec<string, A> = {}): Applied<string, A> =>
    make(opt.separatedString, { kind: "lib", path: ["separatedString"], args: [separator] }, spec),
  /** One of the values. */
  enum: <const T extends string | number | boolean | null, A = never>(
    values: readonly T[],
    spec: Spec<T, A> = {},
  ): Applied<T, A> => make(opt.enum, { kind: "lib", path: ["enum"], args: [values] }, spec),

  listOf: <T, A = never>(element: Option<T>, spec: Spec<readonly T[], A> = {}): Applied<readonly T[], A> =>
    make(opt.listOf, of("listOf", element), spec),
  nonEmptyListOf: <T, A = never>(element: Option<T>, spec: Spec<readonly T[], A> = {}): Applied<readonly T[], A> =>
    make(opt.nonEmptyListOf, of("nonEmptyListOf", element), spec),
  attrsOf: <T>(element: Option<T>, spec: Spec<Readonly<Record<string, T>>> = {}): Option<Readonly<Record<string, T>>> =>
    make(opt.attrsOf, of("attrsOf", element), spec),
  /** As `attrsOf`, but the names are known before any value is. */
  lazyAttrsOf: <T>(
    element: Option<T>,
    spec: Spec<Readonly<Record<string, T>>> = {},
  ): Option<Readonly<Record<string, T>>> => make(opt.lazyAttrsOf, of("lazyAttrsOf", element), spec),
  nullOr: <T, A = never>(type: Option<T>, spec: Spec<T | null, A> = {}): Applied<T | null, A> =>
    make(opt.nullOr, of("nullOr", type), spec),
  either: <A, B, F = never>(a: Option<A>, b: Option<B>, spec: Spec<A | B, F> = {}): Applied<A | B, F> =>
    make(opt.either, of("either", a, b), spec),
  oneOf: <const T extends readonly Option<unknown>[]>(
    types: T,
    spec: Spec<T[number] extends Option<infer V> ? V : never> = {},
  ): Option<T[number] extends Option<infer V> ? V : never> =>
    make(opt.oneOf, { kind: "lib", path: ["oneOf"], args: [types] }, spec),
  /** Several definitions conflict. */
  uniq: <T, A = never>(type: Option<T>, spec: Spec<T, A> = {}): Applied<T, A> => make(opt.uniq, of("uniq", type), spec),
  /** A `From` is accepted too and turned into a `To`. */
  coercedTo: <From, To>(
    from: Option<From>,
    coerce: (value: Expr<From>) => NixValue,
    to: Option<To>,
    spec: Spec<From | To> = {},
  ): Option<To> => make(opt.coercedTo, { kind: "lib", path: ["coercedTo"], args: [from, coerce, to] }, spec),
  /** A `T` for which Nix finds `check value` true. */
  addCheck: <T>(type: Option<T>, check: (value: Expr<T>) => NixValue, spec: Spec<T> = {}): Option<T> =>
    make(opt.addCheck, { kind: "lib", path: ["addCheck"], args: [type, check] }, spec),
  functionTo: <T>(result: Option<T>, spec: Spec<(...args: never) => T> = {}): Option<(...args: never) => T> =>
    make(opt.functionTo, of("functionTo", result), spec),
  /** One of several, told apart by the only attribute that is set. */
  attrTag: <const T extends Readonly<Record<string, Option<unknown>>>>(
    tags: T,
    spec: Spec<Partial<OptionValues<T>>> = {},
  ): Option<Partial<OptionValues<T>>> => make(opt.attrTag, { kind: "lib", path: ["attrTag"], args: [tags] }, spec),

  /** A set with options of its own; as a function of `{ name, config, ... }` a module of its own. */
  submodule: submodule as Submodule,

  /** `lib.mkEnableOption`: off by default, described as "Whether to enable WHAT". */
  enable: (what: string): Option<boolean> => make(opt.enable, { kind: "enable", what }, {}),
  /** `lib.mkPackageOption pkgs`: a package of nixpkgs, by its name, as the default. */
  packageFrom: (name: string | readonly string[], spec: Pick<Spec<Expr>, "default" | "example"> = {}): Option<Expr> =>
    make(opt.packageFrom, { kind: "package", name }, spec),
  /** An option of a type that Nix makes: `` opt.of<string>(nix`lib.types.passwdEntry lib.types.str`) ``. */
  of: <T = unknown>(type: Expr, spec: Spec<T> = {}): Option<T> => make(opt.of, { kind: "nix", type }, spec),
} as const;

// --- internal ---

type Callee = (...args: never[]) => unknown;

interface Submodule {
  <const O extends OptionTree>(options: O, spec?: Spec<OptionValues<O>>): Option<OptionValues<O>>;
  <const O extends OptionTree>(
    body: (args: SubmoduleArguments) => SubmoduleBody<O>,
    spec?: Spec<OptionValues<O>>,
  ): Option<OptionValues<O>>;
}

function submodule(module: unknown, spec: Spec<unknown> = {}): Option<unknown> {
  return make(submodule, { kind: "submodule", module }, spec);
}

function simple<T>(...path: readonly string[]): Make<T> {
  const made: Make<T> = (spec = {}) => make(made, { kind: "lib", path, args: [] }, spec);
  return made;
}

function bounded(name: string) {
  const made = <A = never>(lowest: number, highest: number, spec: Spec<number, A> = {}): Applied<number, A> =>
    make(made, { kind: "lib", path: ["ints", name], args: [lowest, highest] }, spec);
  return made;
}

function of(name: string, ...elements: readonly unknown[]): OptionType {
  return { kind: "lib", path: [name], args: elements };
}

const specKeys: ReadonlySet<string> = new Set(optionSettings);

/** Throws SynthError where the option is written when a setting or an element type is none. */
function make<Made>(callee: Callee, type: OptionType, spec: object): Made {
  const origin = captureOrigin(callee);
  if (isOption(spec) || typeof spec !== "object" || spec === null)
    throw problem("An option's settings are an object", origin, 'Write opt.str({ default: "..." })');
  const unknown = Object.keys(spec).find((key) => !specKeys.has(key));
  if (unknown !== undefined)
    throw problem(
      `An option has no setting "${unknown}"`,
      origin,
      `Settings are ${[...specKeys].join(", ")}; options of a submodule go into opt.submodule({ ... })`,
    );
  return { [definition]: "option", type, spec, origin } as Made;
}
